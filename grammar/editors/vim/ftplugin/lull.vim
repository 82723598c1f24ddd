if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.lull include=^\\s*import define=^\\s*\\%(fn\\\|class\\)
let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions< expandtab< shiftwidth< softtabstop< suffixesadd< include< define<'

" Neovim colours by the tree where the parser is installed; syntax/lull.vim does it otherwise.
if has('nvim')
  lua <<EOF
    local found, parser = pcall(vim.treesitter.get_parser, 0, 'lull')
    if found and parser then
      if vim.treesitter.start then vim.treesitter.start(0, 'lull') else vim.treesitter.highlighter.new(parser, {}) end
    end
EOF
endif
