; Made by grammar/editors/helix/generate; do not edit.
(function_declaration name: (identifier) @name) @definition.function
(class_declaration name: (identifier) @name) @definition.class
(method name: (property_identifier) @name) @definition.method
(field name: (property_identifier) @name) @definition.field
(program (let_declaration pattern: (identifier) @name) @definition.variable)
(program (const_declaration pattern: (identifier) @name) @definition.constant)
(call function: (identifier) @name) @reference.call
(call function: (member property: (property_identifier) @name)) @reference.call
(class_declaration superclass: (identifier) @name) @reference.class
(import_statement alias: (identifier) @name) @definition.module
