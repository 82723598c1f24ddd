[(block) (class_body) (match_expression) (list) (map) (arguments) (parameters) (block_string)] @fold
