local uv = require "luv"
local server = uv.new_tcp()
server:bind("127.0.0.1", 0)
server:listen(1024, function()
  local c = uv.new_tcp()
  server:accept(c)
  c:nodelay(true)
  c:read_start(function(err, data)
    if data then c:write(data) else c:close() end
  end)
end)
print(server:getsockname().port)
io.stdout:flush()
uv.run()
