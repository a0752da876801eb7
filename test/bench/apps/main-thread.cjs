"use strict";
// Tells its parent the microseconds of processor time the main thread has used, once it is ready and when asked.
const tell = () => {
  const { user, system } = process.threadCpuUsage();
  process.send(user + system);
};
process.on("message", tell);
process.on("disconnect", () => process.exit());
tell();
