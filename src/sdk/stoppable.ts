/** Component with data to export. */
export interface Stoppable {
  shutdown(): Promise<void>;
}
