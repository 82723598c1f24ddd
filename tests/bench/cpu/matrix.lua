local function make(n, seed)
  local rows = {}
  for i = 0, n - 1 do
    local row = {}
    for j = 0, n - 1 do row[#row + 1] = (i * seed + j) % 10 + 0.5 end
    rows[#rows + 1] = row
  end
  return rows
end

local function multiply(a, b, n)
  local rows = {}
  for i = 1, n do
    local from = a[i]
    local row = {}
    for j = 1, n do
      local sum = 0.0
      for k = 1, n do sum = sum + from[k] * b[k][j] end
      row[#row + 1] = sum
    end
    rows[#rows + 1] = row
  end
  return rows
end

local function main()
  local n = 200
  local c = multiply(make(n, 3), make(n, 7), n)
  local trace = 0.0
  for i = 1, n do trace = trace + c[i][i] end
  print(string.format("%d", trace * 4))
end

main()
