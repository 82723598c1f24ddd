local Shape = {}
Shape.__index = Shape
function Shape.new(class, size) return setmetatable({size = size}, class) end
function Shape:area() return 0 end
function Shape:twice() return self:area() * 2 end

local function below(super)
  local class = setmetatable({}, {__index = super})
  class.__index = class
  return class
end

local Square, Strip = below(Shape), below(Shape)
function Square:area() return self.size * self.size end
function Strip:area() return self.size * 3 end
local Frame = below(Square)
function Frame:area() return Square.area(self) - 1 end

local function main()
  local shapes = {}
  for i = 0, 299 do
    local class = i % 3 == 0 and Square or i % 3 == 1 and Strip or Frame
    shapes[#shapes + 1] = class:new(i)
  end
  local sum = 0
  for _ = 1, 5000 do
    for _, shape in ipairs(shapes) do sum = sum + shape:twice() end
  end
  print(string.format("%d", sum))
end

main()
