type Done = (error?: Error | null) => void;

/** Methods through which a stream receives an error from Node.js or reports one to it. */
interface Stream {
  destroy(error?: Error): unknown;
  _write?(chunk: unknown, encoding: BufferEncoding, done: Done): void;
  _writev?(chunks: unknown[], done: Done): void;
}

/**
 * Sets the stack of each error of one of our streams. Node.js reads that stack while none of our code runs. The
 * application's `Error.prepareStackTrace`, which would format it, can throw and so end the process.
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
