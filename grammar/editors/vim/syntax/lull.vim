if exists('b:current_syntax')
  finish
endif

syntax match lullComment '#.*$' contains=lullTodo,@Spell
syntax keyword lullTodo contained TODO FIXME XXX

syntax keyword lullDeclaration let const fn class
syntax keyword lullConditional if else match
syntax keyword lullRepeat while for in break continue
syntax keyword lullException try catch finally throw defer
syntax keyword lullStatement return do await spawn
syntax keyword lullImport import as from
syntax keyword lullOperator and or not is
syntax keyword lullConstant nil null self super
syntax keyword lullBoolean true false
syntax match lullMember '\.\s*\zs\h\w*'

syntax match lullNumber '\<\%(0[xX][0-9a-fA-F_]\+\|0[bB][01_]\+\|0[oO][0-7_]\+\)\>'
syntax match lullNumber '\<\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][+-]\=\d\+\|ns\|us\|ms\|[smhd]\)\=\>'
syntax match lullFunction '\%(\<fn\s\+\)\@<=\h\w*'
syntax match lullType '\%(\<class\s\+\)\@<=\h\w*'

syntax match lullEscape contained '\\\%(u{\x\+}\|u\x\{4}\|.\)'
syntax region lullInterpolation contained matchgroup=lullDelimiter start='\${' end='}' contains=TOP
syntax region lullBraces contained transparent start='{' end='}' contains=TOP
syntax cluster lullInString contains=lullEscape,lullInterpolation
syntax region lullString start='"' skip='\\.' end='"' oneline contains=@lullInString
syntax region lullString start='"""' end='"""' contains=@lullInString
syntax match lullString "'[^']*'"

highlight default link lullComment Comment
highlight default link lullTodo Todo
highlight default link lullDeclaration Keyword
highlight default link lullConditional Conditional
highlight default link lullRepeat Repeat
highlight default link lullException Exception
highlight default link lullStatement Statement
highlight default link lullImport Include
highlight default link lullOperator Operator
highlight default link lullConstant Constant
highlight default link lullBoolean Boolean
highlight default link lullNumber Number
highlight default link lullFunction Function
highlight default link lullType Type
highlight default link lullEscape SpecialChar
highlight default link lullDelimiter Delimiter
highlight default link lullString String

let b:current_syntax = 'lull'
