; Later patterns win over earlier ones, each stands on a line of its own. No predicates: the C library leaves those to its user.

(identifier) @variable
(property_identifier) @property
(self) @variable.builtin
(super) @variable.builtin

; Literals
(nil) @constant.builtin
[(true) (false)] @boolean
[(integer) (duration)] @number
(float) @number.float
(invalid_number) @error
[(string) (block_string) (raw_string)] @string
(escape_sequence) @string.escape
(comment) @comment

; Names by their place
(entry key: (property_identifier) @property)
(pattern_entry key: (property_identifier) @property)
(named_argument name: (property_identifier) @variable.parameter)
(parameters (identifier) @variable.parameter)
(parameters (default_pattern pattern: (identifier) @variable.parameter))
(parameters (rest_pattern name: (identifier) @variable.parameter))
(parameters [(list_pattern (identifier) @variable.parameter) (map_pattern (identifier) @variable.parameter)])
(parameters (_ (default_pattern pattern: (identifier) @variable.parameter)))
(parameters (_ (rest_pattern name: (identifier) @variable.parameter)))
(parameters (map_pattern (pattern_entry value: (identifier) @variable.parameter)))
(catch_clause name: (identifier) @variable.parameter)
(import_statement alias: (identifier) @module)
(field name: (property_identifier) @variable.member)

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
(call function: (identifier) @function.call)
(call function: (member property: (property_identifier) @function.method.call))
(call function: (optional_member property: (property_identifier) @function.method.call))
(pipe_expression right: (identifier) @function.call)

; Words
["let" "const"] @keyword
["fn"] @keyword.function
["class"] @keyword.type
["if" "else" "match"] @keyword.conditional
["while" "for" "in"] @keyword.repeat
[(break_expression) (continue_expression)] @keyword.repeat
["return"] @keyword.return
["try" "catch" "finally" "throw" "defer"] @keyword.exception
["await" "spawn"] @keyword.coroutine
["import" "as" "from"] @keyword.import
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
