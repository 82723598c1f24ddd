[(program) (block) (function_declaration) (method) (lambda) (class_body) (for_statement) (match_arm) (catch_clause)] @local.scope

(let_declaration pattern: (identifier) @local.definition.var)
(const_declaration pattern: (identifier) @local.definition.constant)
(assignment left: (identifier) @local.definition.var)
(for_statement pattern: (identifier) @local.definition.var)
(catch_clause name: (identifier) @local.definition.var)
(match_arm pattern: (identifier) @local.definition.var)
(list_pattern (identifier) @local.definition.var)
(map_pattern (identifier) @local.definition.var)
(pattern_entry value: (identifier) @local.definition.var)
(default_pattern pattern: (identifier) @local.definition.var)
(rest_pattern name: (identifier) @local.definition.var)
(parameters (identifier) @local.definition.parameter)
(parameters (default_pattern pattern: (identifier) @local.definition.parameter))
(parameters (rest_pattern name: (identifier) @local.definition.parameter))
(function_declaration name: (identifier) @local.definition.function)
(class_declaration name: (identifier) @local.definition.type)
(import_statement alias: (identifier) @local.definition.import)
(import_name name: (identifier) @local.definition.import !alias)
(import_name alias: (identifier) @local.definition.import)

(identifier) @local.reference
