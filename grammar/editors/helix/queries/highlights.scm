; Made by grammar/editors/helix/generate; do not edit.
; Later patterns win over earlier ones, each stands on a line of its own. No predicates: the C library leaves those to its user.

(identifier) @variable
(property_identifier) @variable.other.member
(self) @variable.builtin
(super) @variable.builtin

; Literals
(nil) @constant.builtin
[(true) (false)] @constant.builtin.boolean
[(integer) (duration)] @constant.numeric
(float) @constant.numeric.float
(invalid_number) @error
[(string) (block_string) (raw_string)] @string
(escape_sequence) @constant.character.escape
(comment) @comment

; Names by their place
(entry key: (property_identifier) @variable.other.member)
(pattern_entry key: (property_identifier) @variable.other.member)
(named_argument name: (property_identifier) @variable.parameter)
(parameters (identifier) @variable.parameter)
(parameters (default_pattern pattern: (identifier) @variable.parameter))
(parameters (rest_pattern name: (identifier) @variable.parameter))
(parameters [(list_pattern (identifier) @variable.parameter) (map_pattern (identifier) @variable.parameter)])
(parameters (_ (default_pattern pattern: (identifier) @variable.parameter)))
(parameters (_ (rest_pattern name: (identifier) @variable.parameter)))
(parameters (map_pattern (pattern_entry value: (identifier) @variable.parameter)))
(catch_clause name: (identifier) @variable.parameter)
(import_statement alias: (identifier) @namespace)
(field name: (property_identifier) @variable.other.member)

; Types
(class_declaration name: (identifier) @type)
(class_declaration superclass: (identifier) @type)
(class_declaration superclass: (member property: (property_identifier) @type))
(type_test type: (identifier) @type)
(type_test type: (member property: (property_identifier) @type))
(type_pattern type: (identifier) @type)
(type_pattern type: (member property: (property_identifier) @type))

; Functions
(function_declaration name: (identifier) @function)
(method name: (property_identifier) @function.method)
(call function: (identifier) @function)
(call function: (member property: (property_identifier) @function.method))
(call function: (optional_member property: (property_identifier) @function.method))
(pipe_expression right: (identifier) @function)

; Words
["let" "const"] @keyword
["fn"] @keyword.function
["class"] @keyword.storage.type
["if" "else" "match"] @keyword.control.conditional
["while" "for" "in"] @keyword.control.repeat
[(break_expression) (continue_expression)] @keyword.control.repeat
["return"] @keyword.control.return
["try" "catch" "finally" "throw" "defer"] @keyword.control.exception
["await" "spawn"] @keyword.control
["import" "as" "from"] @keyword.control.import
["do"] @keyword
["and" "or" "not" "is"] @keyword.operator
(not_in) @keyword.operator
(is_not) @keyword.operator
(comparison operator: "in" @keyword.operator)

; Operators and punctuation
["=" "+=" "-=" "*=" "/=" "//=" "%=" "**=" "??=" "=>" "|>" "??" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "//" "%" "**" "<<" ">>" "&" "|" "^" "~" ".." "..=" "..."] @operator
["." "?." "," ";" ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(interpolation ["${" "}"] @punctuation.special)
