[(block) (class_body) (import_names) (match_expression) (list) (map) (arguments) (parameters) (block_string)] @fold
