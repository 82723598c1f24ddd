local Counter = {}
Counter.__index = Counter

function Counter.new() return setmetatable({value = 0}, Counter) end
function Counter:add(n) self.value = self.value + n end
function Counter:get() return self.value end

local function main()
  local counter = Counter.new()
  for _ = 1, 10000000 do counter:add(2) end
  print(counter:get())
end

main()
