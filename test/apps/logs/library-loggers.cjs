// How each library makes a logger that writes JSON to standard output and hides passwords, and writes a record with it:
// `write(level, fields, message)`.
module.exports = {
  bunyan(library) {
    const logger = library.createLogger({ name: "shop", serializers: { password: () => "hidden" } });
    return (level, fields, message) => logger[level](fields, message);
  },
  pino(library) {
    const redact = { paths: ["password"], censor: "hidden" };
    const logger = library({ name: "shop", redact }, library.destination({ sync: true }));
    return (level, fields, message) => logger[level](fields, message);
  },
  winston(library) {
    const { combine, json } = library.format;
    const hide = library.format((info) => (info.password === undefined ? info : { ...info, password: "hidden" }));
    const logger = library.createLogger({
      level: "info",
      transports: [new library.transports.Console()],
      format: combine(hide(), json()),
    });
    return (level, fields, message) => logger[level](message, fields);
  },
};
