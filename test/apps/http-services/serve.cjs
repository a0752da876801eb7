// A service that answers with the headers it got, or passes the request on to the service whose URL is the argument.
module.exports = ({ createServer, request }) => {
  const next = process.argv[2];
  const server = createServer((incoming, response) => {
    if (next === undefined) response.end(JSON.stringify(incoming.headers));
    else request(next + incoming.url, (answer) => answer.pipe(response)).end();
  });
  server.listen(0, "127.0.0.1", () => console.log(`serves http://127.0.0.1:${server.address().port}/`));
};
