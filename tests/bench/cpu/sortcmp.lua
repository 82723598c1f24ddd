local function main()
  local n = 500000
  local numbers = {}
  local x = 42
  for i = 1, n do
    x = x * 16807 % 2147483647
    numbers[i] = x
  end
  table.sort(numbers, function(a, b) return a > b end)
  print(numbers[1] .. " " .. numbers[n / 2 + 1] .. " " .. numbers[n])
end

main()
