// A request fails, and has no listener for that.
require("node:http").get({ host: "127.0.0.1", port: 1, path: "/" });
