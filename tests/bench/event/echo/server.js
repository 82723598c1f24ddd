const server = require("net").createServer({ noDelay: true }, c => {
  c.on("data", b => c.write(b))
  c.on("error", () => {})
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
