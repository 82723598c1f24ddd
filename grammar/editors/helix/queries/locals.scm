; Parameters are coloured as such wherever they are used; a name declared further in is a variable again.
[(block) (function_declaration) (method) (lambda) (for_statement) (match_arm) (catch_clause)] @local.scope

(parameters (identifier) @local.definition.variable.parameter)
(parameters (default_pattern pattern: (identifier) @local.definition.variable.parameter))
(parameters (rest_pattern name: (identifier) @local.definition.variable.parameter))
(parameters [(list_pattern (identifier) @local.definition.variable.parameter) (map_pattern (identifier) @local.definition.variable.parameter)])
(let_declaration pattern: (identifier) @local.definition.variable)
(const_declaration pattern: (identifier) @local.definition.variable)
(for_statement pattern: (identifier) @local.definition.variable)

(identifier) @local.reference
