; Made by grammar/editors/helix/generate; do not edit.
(function_declaration body: (_) @function.inside) @function.around
(method body: (_) @function.inside) @function.around
(lambda body: (_) @function.inside) @function.around
(class_declaration members: (class_body) @class.inside) @class.around
(parameters (_) @parameter.inside)
(arguments (_) @parameter.inside)
(comment) @comment.around
