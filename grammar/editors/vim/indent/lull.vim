if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal autoindent indentexpr=LullIndent(v:lnum) indentkeys=0{,0},0),0],!^F,o,O
let b:undo_indent = 'setlocal autoindent< indentexpr< indentkeys<'

" A line after one that ends with an opening bracket stands deeper, one that begins with a closing bracket less deep. What a string of
" several lines holds stays as it is, and what follows it stands as deep as its beginning.
function! LullIndent(number) abort
  let above = prevnonblank(a:number - 1)
  if above == 0
    return 0
  endif
  " Where the string began that we are in, or that ends in the line above.
  let [begin, inside] = [0, 0]
  for at in range(1, a:number - 1)
    if count(getline(at), '"""') % 2
      let inside = !inside
      let begin = inside ? at : begin
      let above = at == above && !inside ? begin : above
    endif
  endfor
  if inside
    return -1
  endif
  let line = substitute(getline(above), '\s*#[^"'']*$', '', '')
  let deeper = line =~# '[{(\[]\s*$'
  let closes = getline(a:number) =~# '^\s*[})\]]'
  return indent(above) + (deeper - closes) * shiftwidth()
endfunction
