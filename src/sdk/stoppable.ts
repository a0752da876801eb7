/** Something with data to send. */
export interface Stoppable {
  shutdown(): Promise<void>;
}
