[(block) (class_body) (match_expression) (list) (map) (list_pattern) (map_pattern) (arguments) (parameters) (group) (import_names)] @indent
["}" "]" ")"] @outdent
