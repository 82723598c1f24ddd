// The syntax of lull. grammar/NODES.md describes the tree this makes; `grammar/generate` makes src/ and the node header.
//
// Three things carry the whole grammar:
//  - a line break is a token (`_newline`) only where the parser could use one; the scanner decides (src/scanner.c);
//  - the `{` of a block and the `{` of a map are two tokens with one text; where both fit the block wins;
//  - an `operand` may stand beside an operator or a block, an `expression` is an operand or a lambda: so `a if b => c` has one reading.

const P = {
  jump: 1, lambda: 2, pipe: 4, or: 5, and: 6, not: 7, compare: 8, coalesce: 9, range: 10, bit_or: 11, bit_xor: 12, bit_and: 13,
  shift: 14, add: 15, multiply: 16, unary: 17, power: 18, wait: 19, postfix: 20,
};

const comma_list1 = (item) => seq(item, repeat(seq(',', item)), optional(','));
const lines = ($, item) => seq(repeat(choice(seq(item, choice($._newline, ';')), ';')), optional(item));
const comma_list = (item) => optional(comma_list1(item));

const DIGITS = /[0-9]+(_[0-9]+)*/;
const WHOLE = /0|[1-9][0-9]*(_[0-9]+)*/;
const EXPONENT = /[eE][+-]?[0-9]+/;

// Words that begin an expression would be read as such at the start of an argument; they name one where ':' follows.
const EXPRESSION_WORDS = ['if', 'match', 'try', 'do', 'spawn', 'await', 'not', 'nil', 'null', 'true', 'false', 'self', 'super'];

module.exports = grammar({
  name: 'lull',

  word: ($) => $.identifier,

  extras: ($) => [/[ \t\r\n]/, $.comment],

  // ORDER: the enum of src/scanner.c.
  externals: ($) => [
    $._newline,
    $._line_content,
    $._line_end,
    $._block_content,
    $._block_end,
    $.escape_sequence,
    $._interpolation_start,
    $._error_sentinel,
  ],

  supertypes: ($) => [$.statement, $.expression, $.operand, $.jump, $.binding, $.pattern],

  // `(a) => e` against `(a)`: known only at the `=>`.
  conflicts: ($) => [
    [$.operand, $.binding],
    [$.operand, $.rest_pattern],
    [$.list, $.list_pattern],
    [$.map, $.map_pattern],
    [$._target, $.binding],
    [$._map_binding, $.map],
  ],

  rules: {
    program: ($) => lines($, $.statement),

    block: ($) => seq($._block_open, lines($, $.statement), '}'),
    _block_open: (_) => alias(token(prec(1, '{')), '{'),

    statement: ($) =>
      choice(
        $.let_declaration,
        $.const_declaration,
        $.assignment,
        $.compound_assignment,
        $.function_declaration,
        $.class_declaration,
        $.while_statement,
        $.for_statement,
        $.defer_statement,
        $.import_statement,
        $.jump,
        $.expression,
      ),

    // Declarations and assignment

    let_declaration: ($) => seq('let', field('pattern', $.binding), optional(seq('=', field('value', $.expression)))),
    const_declaration: ($) => seq('const', field('pattern', $.binding), '=', field('value', $.expression)),

    assignment: ($) => seq(field('left', $._target), '=', field('right', $.expression)),

    compound_assignment: ($) =>
      seq(
        field('left', $._target),
        field('operator', choice('+=', '-=', '*=', '/=', '//=', '%=', '**=', '?' + '?=')),
        field('right', $.expression),
      ),

    _target: ($) => choice($.identifier, $.member, $.index, $.list, $.map),

    _default_target: ($) => seq(field('pattern', $._target), '=', field('value', $.expression)),

    function_declaration: ($) => seq('fn', field('name', $.identifier), $._function_rest),
    method: ($) => seq('fn', field('name', $._property_name), $._function_rest),
    _function_rest: ($) =>
      seq(field('parameters', $.parameters), choice(field('body', $.block), seq('=>', field('body', $._arrow_body)))),

    parameters: ($) => seq('(', comma_list($._element_binding), ')'),

    class_declaration: ($) =>
      seq('class', field('name', $.identifier), optional(seq(':', field('superclass', $._class_name))), field('members', $.class_body)),

    class_body: ($) => seq('{', lines($, $._class_item), '}'),
    _class_item: ($) => choice($.method, $.field),
    field: ($) => seq(field('name', $._property_name), optional(seq('=', field('value', $.expression)))),

    // Statements

    while_statement: ($) => seq('while', field('condition', $.operand), field('body', $.block)),

    for_statement: ($) =>
      seq(
        'for',
        field('pattern', $.binding),
        optional(seq(',', field('pattern', $.binding))),
        'in',
        field('iterable', $.operand),
        field('body', $.block),
      ),

    defer_statement: ($) => seq('defer', field('call', $.operand)),

    import_statement: ($) =>
      seq(
        'import',
        choice(
          seq(field('path', $._plain_string), 'as', field('alias', $.identifier)),
          seq(field('names', $.import_names), 'from', field('path', $._plain_string)),
        ),
      ),
    import_names: ($) => seq('{', comma_list1($.import_name), '}'),
    import_name: ($) => seq(field('name', $.identifier), optional(seq('as', field('alias', $.identifier)))),

    // Jumps: statements that may also end a `=>`, `??`, `and` or `or`

    jump: ($) => choice($.return_expression, $.break_expression, $.continue_expression, $.throw_expression),

    return_expression: ($) => prec.right(P.jump, seq('return', optional(field('value', $.expression)))),
    break_expression: (_) => 'break',
    continue_expression: (_) => 'continue',
    throw_expression: ($) => prec.right(P.jump, seq('throw', field('value', $.expression))),

    // Expressions

    expression: ($) => choice($.lambda, $.operand),

    lambda: ($) =>
      seq(
        field('parameters', choice($.parameters, alias($._single_parameter, $.parameters))),
        '=>',
        field('body', $._arrow_body),
      ),
    _single_parameter: ($) => prec(1, $.identifier),

    _arrow_body: ($) => choice($.block, $.assignment, $.compound_assignment, $.jump, $.expression),

    operand: ($) =>
      choice(
        $.identifier,
        $.self,
        $.nil,
        $.true,
        $.false,
        $.integer,
        $.float,
        $.duration,
        $.invalid_number,
        $.string,
        $.block_string,
        $.raw_string,
        $.list,
        $.map,
        $.group,
        $.call,
        $.member,
        $.optional_member,
        $.index,
        $.await_expression,
        $.spawn_expression,
        $.unary_expression,
        $.binary_expression,
        $.range_expression,
        $.comparison,
        $.type_test,
        $.logical_expression,
        $.pipe_expression,
        $.if_expression,
        $.match_expression,
        $.try_expression,
        $.do_expression,
      ),

    group: ($) => seq('(', field('value', $.expression), ')'),

    call: ($) => prec.left(P.postfix, seq(field('function', $.operand), field('arguments', $.arguments))),
    arguments: ($) => seq('(', comma_list(choice($.expression, $.spread, $.named_argument)), ')'),
    named_argument: ($) => seq(field('name', choice($._property_name, $._word_name)), ':', field('value', $.expression)),
    _word_name: ($) => choice(...EXPRESSION_WORDS.map((word) => alias(word, $.property_identifier))),
    spread: ($) => seq('...', field('value', $.expression)),

    member: ($) =>
      prec.left(P.postfix, seq(field('object', choice($.operand, $.super)), '.', field('property', $._property_name))),
    optional_member: ($) => prec.left(P.postfix, seq(field('object', $.operand), '?.', field('property', $._property_name))),

    index: ($) => prec.left(P.postfix, seq(field('object', $.operand), '[', field('index', choice($.expression, $.slice)), ']')),
    slice: ($) =>
      choice(
        seq(field('start', $.operand), field('operator', '..')),
        seq(field('operator', choice('..', '..=')), field('end', $.operand)),
        field('operator', '..'),
      ),

    await_expression: ($) => prec(P.wait, seq('await', field('value', $.operand))),
    spawn_expression: ($) => prec(P.wait, seq('spawn', choice(field('call', $.operand), field('body', $.block)))),

    unary_expression: ($) =>
      choice(
        prec(P.unary, seq(field('operator', choice('-', '~')), field('operand', $.operand))),
        prec(P.not, seq(field('operator', 'not'), field('operand', $.operand))),
      ),

    binary_expression: ($) => {
      const left = (level, ...operators) =>
        prec.left(level, seq(field('left', $.operand), field('operator', choice(...operators)), field('right', $.operand)));
      return choice(
        prec.right(P.power, seq(field('left', $.operand), field('operator', '**'), field('right', $.operand))),
        left(P.multiply, '*', '/', '//', '%'),
        left(P.add, '+', '-'),
        left(P.shift, '<<', '>>'),
        left(P.bit_and, '&'),
        left(P.bit_xor, '^'),
        left(P.bit_or, '|'),
      );
    },

    range_expression: ($) =>
      prec.left(P.range, seq(field('start', $.operand), field('operator', choice('..', '..=')), field('end', $.operand))),

    comparison: ($) =>
      prec.left(
        P.compare,
        seq(
          field('left', $.operand),
          field('operator', choice('==', '!=', '<', '<=', '>', '>=', 'in', $.not_in)),
          field('right', $.operand),
        ),
      ),
    not_in: (_) => prec(P.compare, seq('not', 'in')),

    type_test: ($) =>
      prec.left(P.compare, seq(field('left', $.operand), field('operator', choice('is', $.is_not)), field('type', $._type))),
    is_not: (_) => prec(P.compare, seq('is', 'not')),

    _type: ($) => choice($._class_name, $.nil),
    _class_name: ($) => choice($.identifier, alias($._type_member, $.member)),
    _type_member: ($) =>
      prec.left(
        P.postfix,
        seq(field('object', choice($.identifier, alias($._type_member, $.member))), '.', field('property', $._property_name)),
      ),

    logical_expression: ($) => {
      const left = (level, operator) =>
        prec.left(
          level,
          seq(field('left', $.operand), field('operator', operator), field('right', choice($.operand, $.jump))),
        );
      return choice(left(P.coalesce, '?' + '?'), left(P.and, 'and'), left(P.or, 'or'));
    },

    pipe_expression: ($) => prec.left(P.pipe, seq(field('left', $.operand), '|>', field('right', $.operand))),

    if_expression: ($) =>
      prec.right(
        seq(
          'if',
          field('condition', $.operand),
          field('consequence', $.block),
          optional(seq('else', field('alternative', choice($.block, $.if_expression)))),
        ),
      ),

    do_expression: ($) => seq('do', field('body', $.block)),

    try_expression: ($) =>
      seq(
        'try',
        field('body', $.block),
        choice(
          seq(field('handler', $.catch_clause), optional(field('finalizer', $.finally_clause))),
          field('finalizer', $.finally_clause),
        ),
      ),
    catch_clause: ($) => seq('catch', optional(field('name', $.identifier)), field('body', $.block)),
    finally_clause: ($) => seq('finally', field('body', $.block)),

    match_expression: ($) => seq('match', field('value', $.operand), '{', optional($._arms), '}'),
    _arms: ($) =>
      seq(field('arm', $.match_arm), repeat(seq(choice(',', $._newline), field('arm', $.match_arm))), optional(',')),
    match_arm: ($) =>
      seq(
        field('pattern', $.pattern),
        optional(seq('if', field('guard', $.operand))),
        '=>',
        field('body', $._arrow_body),
      ),

    // What a let, a parameter or a for binds

    binding: ($) => choice($.identifier, $.list_pattern, $.map_pattern),
    _element_binding: ($) => choice($.binding, $.default_pattern, $.rest_pattern),
    default_pattern: ($) => seq(field('pattern', $.binding), '=', field('value', $.expression)),
    rest_pattern: ($) => seq('...', field('name', $.identifier)),
    list_pattern: ($) => seq('[', comma_list($._element_binding), ']'),
    map_pattern: ($) => seq('{', comma_list($._map_binding), '}'),
    _map_binding: ($) =>
      choice($.identifier, alias($._name_default, $.default_pattern), $.rest_pattern, $.pattern_entry),
    _name_default: ($) => seq(field('pattern', $.identifier), '=', field('value', $.expression)),
    pattern_entry: ($) => seq(field('key', $._key), ':', field('value', choice($.binding, $.default_pattern))),

    // What a match arm takes

    pattern: ($) =>
      choice(
        $._single_pattern,
        $.or_pattern,
      ),
    or_pattern: ($) => seq($._single_pattern, repeat1(seq('|', $._single_pattern))),
    _single_pattern: ($) =>
      choice(
        $.identifier,
        $.nil,
        $.true,
        $.false,
        $._bound,
        $.range_pattern,
        $.type_pattern,
        alias($._match_list, $.list_pattern),
        alias($._match_map, $.map_pattern),
      ),
    range_pattern: ($) =>
      seq(field('start', $._bound), field('operator', choice('..', '..=')), field('end', $._bound)),
    _bound: ($) =>
      choice($._plain_string, $.integer, $.float, $.duration, $.invalid_number, alias($._negative, $.unary_expression)),
    _negative: ($) =>
      seq(field('operator', '-'), field('operand', choice($.integer, $.float, $.duration, $.invalid_number))),
    type_pattern: ($) => seq('is', field('type', $._type)),
    _match_element: ($) => choice($.pattern, alias($._match_default, $.default_pattern), $.rest_pattern),
    _match_default: ($) => seq(field('pattern', $.pattern), '=', field('value', $.expression)),
    _match_list: ($) => seq('[', comma_list($._match_element), ']'),
    _match_map: ($) =>
      seq(
        '{',
        comma_list(
          choice(
            $.identifier,
            alias($._name_default, $.default_pattern),
            $.rest_pattern,
            alias($._match_entry, $.pattern_entry),
          ),
        ),
        '}',
      ),
    _match_entry: ($) =>
      seq(field('key', $._key), ':', field('value', choice($.pattern, alias($._match_default, $.default_pattern)))),

    // Literals

    list: ($) => seq('[', comma_list(choice($.expression, $.spread, alias($._default_target, $.default_pattern))), ']'),

    map: ($) =>
      seq(
        '{',
        comma_list(choice($.entry, $.identifier, $.spread, alias($._name_default, $.default_pattern))),
        '}',
      ),
    entry: ($) =>
      choice(
        seq(field('key', choice($._key, $.computed_key)), ':', field('value', choice($.expression, alias($._default_target, $.default_pattern)))),
      ),
    computed_key: ($) => seq('[', field('value', $.expression), ']'),
    _key: ($) => choice($._property_name, $._plain_string),

    // A word of the language may be a property's name, so the reserved-word check of core/syntax/driver.c asks for this rule.
    _property_name: ($) => alias($.identifier, $.property_identifier),

    _plain_string: ($) => choice($.string, $.raw_string),

    string: ($) =>
      seq(
        '"',
        repeat(choice(alias($._line_content, $.string_content), $.escape_sequence, $.interpolation)),
        alias($._line_end, '"'),
      ),
    block_string: ($) =>
      seq(
        '"""',
        repeat(choice(alias($._block_content, $.string_content), $.escape_sequence, $.interpolation)),
        alias($._block_end, '"""'),
      ),
    interpolation: ($) => seq(alias($._interpolation_start, '${'), field('value', $.expression), '}'),
    raw_string: (_) => /'[^'\r\n]*'/,

    nil: (_) => choice('nil', 'null'),
    true: (_) => 'true',
    false: (_) => 'false',
    self: (_) => 'self',
    super: (_) => 'super',

    // ORDER: of two number tokens that match the same text the one above wins, so invalid_number takes what is left over.
    integer: (_) =>
      token(choice(WHOLE, /0[xX][0-9a-fA-F]+(_[0-9a-fA-F]+)*/, /0[bB][01]+(_[01]+)*/, /0[oO][0-7]+(_[0-7]+)*/)),
    float: (_) => token(seq(WHOLE, choice(seq('.', DIGITS, optional(EXPONENT)), EXPONENT))),
    duration: (_) => token(seq(WHOLE, optional(seq('.', DIGITS)), choice('ns', 'us', 'ms', 's', 'm', 'h', 'd'))),
    invalid_number: (_) => /[0-9][\p{XID_Continue}]*(\.[0-9][\p{XID_Continue}]*)*/,

    identifier: (_) => /[_\p{XID_Start}][\p{XID_Continue}]*/,

    comment: (_) => /#[^\n]*/,
  },
});
