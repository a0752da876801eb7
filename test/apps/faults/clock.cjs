// A preload under which the wall clock jumps an hour forth and back.
const { now } = Date;
let jump = 0;
Date.now = () => now() + jump;
setInterval(() => (jump = jump === 0 ? 3_600_000 : jump > 0 ? -3_600_000 : 0), 50).unref();
