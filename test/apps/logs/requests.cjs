// Answers requests with the status of their path, or not at all.
const { ask, listen } = require("./http.cjs");

const PATHS = ["200", "302", "404", "408", "425", "429", "500", "503", "cut"];
const answer = (request, response) => {
  const [, status] = request.url.split("/");
  if (status === "cut") {
    request.socket.destroy();
    return;
  }
  request.route = { path: "/:status" };
  response.writeHead(Number(status)).end();
};
listen(answer, async (port, server) => {
  for (const path of PATHS) await ask(port, {}, `/${path}`);
  server.close();
});
