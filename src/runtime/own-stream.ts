type Done = (error?: Error | null) => void;

/** What Node.js calls a stream by with what went wrong, or is answered with it. */
interface Stream {
  destroy(error?: Error): unknown;
  _write?(chunk: unknown, encoding: BufferEncoding, done: Done): void;
  _writev?(chunks: unknown[], done: Done): void;
}

/**
 * Gives a stack to the errors of a stream of ours. Node.js reads the stack of each, at a time when nothing of ours runs,
 * and the application's `Error.prepareStackTrace`, which would make it, can throw: that would end the process.
 *
 * @returns the stream
 */
export function ownStream<Own extends object>(own: Own): Own {
  const stream = own as Stream;
  const { destroy, _write: write, _writev: writev } = stream;
  stream.destroy = (error) => destroy.call(stream, withStack(error));
  if (write !== undefined)
    stream._write = (chunk, encoding, done) => write.call(stream, chunk, encoding, (error) => done(withStack(error)));
  if (writev) stream._writev = (chunks, done) => writev.call(stream, chunks, (error) => done(withStack(error)));
  return own;
}

function withStack<Thrown>(error: Thrown): Thrown {
  if (error instanceof Error) error.stack = error.name;
  return error;
}
