; Made by grammar/editors/helix/generate; do not edit.
; What other languages stand in a program: shell commands, patterns, queries, markdown. The pieces between `${}` are texts of their own.
((comment) @injection.content
  (#set! injection.language "comment"))

((call function: (identifier) @_function
  arguments: (arguments . [(string (string_content) @injection.content) (block_string (string_content) @injection.content)]))
  (#eq? @_function "sh")
  (#set! injection.language "bash"))

((call function: (identifier) @_function
  arguments: (arguments . (raw_string) @injection.content))
  (#eq? @_function "sh")
  (#set! injection.language "bash"))

((call function: (identifier) @_function
  arguments: (arguments . (string (string_content) @injection.content)))
  (#eq? @_function "regex")
  (#set! injection.language "regex"))

((call function: (identifier) @_function
  arguments: (arguments . (raw_string) @injection.content))
  (#eq? @_function "regex")
  (#set! injection.language "regex"))

((call function: (member property: (property_identifier) @_method)
  arguments: (arguments . [(string (string_content) @injection.content) (block_string (string_content) @injection.content)]))
  (#match? @_method "^(all|one|run|each)$")
  (#match? @injection.content "^[ \\n]*(select|insert|update|delete|create|drop|alter|with|pragma) ")
  (#set! injection.language "sql"))

((call function: (member object: (identifier) @_module property: (property_identifier) @_function)
  arguments: (arguments . (raw_string) @injection.content))
  (#eq? @_module "json")
  (#eq? @_function "parse")
  (#set! injection.language "json"))

((method name: (property_identifier) @_method
  body: [(string (string_content) @injection.content) (block_string (string_content) @injection.content)])
  (#eq? @_method "to_markdown")
  (#set! injection.language "markdown"))
