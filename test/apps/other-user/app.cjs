// Becomes another user's, elsewhere, before it serves.
process.chdir("/");
process.setgid(65534);
process.setuid(65534);
require("node:net").createServer().listen(0);
