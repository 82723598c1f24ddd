(function_declaration body: (_) @function.inner) @function.outer
(method body: (_) @function.inner) @function.outer
(lambda body: (_) @function.inner) @function.outer
(class_declaration members: (class_body) @class.inner) @class.outer
(parameters (_) @parameter.inner)
(arguments (_) @parameter.inner)
(if_expression consequence: (block) @conditional.inner) @conditional.outer
(match_arm body: (_) @conditional.inner) @conditional.outer
(while_statement body: (block) @loop.inner) @loop.outer
(for_statement body: (block) @loop.inner) @loop.outer
(call arguments: (arguments) @call.inner) @call.outer
(block) @block.outer
(comment) @comment.outer
