//! Whether a module can carry anything from one call to the next.
//!
//! A realm whose modules are all steady is used again, which is many times cheaper than a fresh one. The judgement is
//! by syntax and errs on the side of "no": top-level code only declares; nothing but a function's own fresh
//! containers is changed; names through which a module could reach further (`prototype`, `Reflect`, `eval`, …) do not
//! occur. Code written to fool it can make its own plans depend on the order of calls, and gains nothing else.

use std::collections::HashSet;

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, CallExpression, Class, Declaration, ExportDefaultDeclarationKind, Expression,
    IdentifierReference, ImportExpression, ObjectPropertyKind, Program, PropertyKind, RegExpFlags,
    SimpleAssignmentTarget, Statement, StaticMemberExpression, ThisExpression, UnaryExpression, VariableDeclaration,
    VariableDeclarator, YieldExpression,
};
use oxc_ast::ast::{AssignmentTargetPattern, BindingPattern, UnaryOperator, VariableDeclarationKind};
use oxc_ast_visit::{Visit, walk};
use oxc_semantic::{Scoping, SymbolId};

/// Methods that change the object they are called on. `test` and `exec` move only patterns with `g` or `y`, and no such
/// pattern outlives a call: [`constant`] does not take one.
const CHANGING: [&str; 32] = [
    "push",
    "pop",
    "shift",
    "unshift",
    "splice",
    "sort",
    "reverse",
    "fill",
    "copyWithin",
    "set",
    "add",
    "delete",
    "clear",
    "append",
    "next",
    "return",
    "throw",
    "compile",
    "setTime",
    "setDate",
    "setMonth",
    "setFullYear",
    "setHours",
    "setMinutes",
    "setSeconds",
    "setMilliseconds",
    "setUTCHours",
    "setUTCDate",
    "setUTCMonth",
    "setUTCFullYear",
    "setUTCMinutes",
    "setUTCSeconds",
];

/// Names that lead to what is shared, or call a function on something of the caller's choice.
const FORBIDDEN: [&str; 24] = [
    "globalThis",
    "eval",
    "Function",
    "Reflect",
    "Proxy",
    "WeakMap",
    "WeakSet",
    "arguments",
    "prototype",
    "__proto__",
    "constructor",
    "call",
    "apply",
    "bind",
    "assign",
    "defineProperty",
    "defineProperties",
    "setPrototypeOf",
    "getPrototypeOf",
    "preventExtensions",
    "seal",
    "freeze",
    "__defineGetter__",
    "__defineSetter__",
];

/// Functions that return a container of their own.
const MAKING: [&str; 16] = [
    "map",
    "filter",
    "slice",
    "concat",
    "flat",
    "flatMap",
    "split",
    "toSorted",
    "toReversed",
    "toSpliced",
    "with",
    "keys",
    "values",
    "entries",
    "from",
    "of",
];

/// True when no call of the module's functions can leave anything behind.
pub fn is_steady(program: &Program<'_>, scoping: &Scoping) -> bool {
    if !program.body.iter().all(declares) {
        return false;
    }
    let mut fresh = Fresh { scoping, symbols: HashSet::new() };
    fresh.visit_program(program);
    let mut check = Check { scoping, fresh: fresh.symbols, steady: true };
    check.visit_program(program);
    check.steady
}

fn declares(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ImportDeclaration(_)
        | Statement::ExportAllDeclaration(_)
        | Statement::ExportNamedDeclaration(_)
        | Statement::ExportFromDeclaration(_)
        | Statement::EmptyStatement(_) => true,
        Statement::ExportDeclaration(export) => declaration(&export.declaration),
        Statement::ExportDefaultDeclaration(export) => match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(_)
            | ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => true,
            other => other.as_expression().is_some_and(constant),
        },
        other => other.as_declaration().is_some_and(declaration),
    }
}

fn declaration(declaration: &Declaration<'_>) -> bool {
    match declaration {
        Declaration::FunctionDeclaration(_)
        | Declaration::TSTypeAliasDeclaration(_)
        | Declaration::TSInterfaceDeclaration(_) => true,
        Declaration::VariableDeclaration(variables) => constants(variables),
        _ => false,
    }
}

fn constants(variables: &VariableDeclaration<'_>) -> bool {
    variables.kind == VariableDeclarationKind::Const
        && variables.declarations.iter().all(|one| {
            matches!(one.id, BindingPattern::BindingIdentifier(_)) && one.init.as_ref().is_some_and(constant)
        })
}

/// An expression whose evaluation runs no code but the SDK's.
fn constant(expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::BigIntLiteral(_)
        | Expression::Identifier(_)
        | Expression::ArrowFunctionExpression(_) => true,
        Expression::FunctionExpression(function) => !function.generator,
        Expression::RegExpLiteral(literal) => !literal.regex.flags.intersects(RegExpFlags::G | RegExpFlags::Y),
        Expression::TemplateLiteral(template) => template.expressions.iter().all(constant),
        Expression::UnaryExpression(unary) => constant(&unary.argument),
        Expression::BinaryExpression(binary) => constant(&binary.left) && constant(&binary.right),
        Expression::StaticMemberExpression(member) => constant(&member.object),
        Expression::ArrayExpression(array) => array.elements.iter().all(|element| match element {
            ArrayExpressionElement::SpreadElement(spread) => constant(&spread.argument),
            other => other.as_expression().is_none_or(constant),
        }),
        Expression::ObjectExpression(object) => object.properties.iter().all(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                property.kind == PropertyKind::Init && !property.computed && constant(&property.value)
            }
            ObjectPropertyKind::SpreadProperty(spread) => constant(&spread.argument),
        }),
        Expression::NewExpression(new) => {
            matches!(&new.callee, Expression::Identifier(name) if ["Set", "Map"].contains(&name.name.as_str()))
                && new.arguments.iter().all(argument)
        }
        Expression::CallExpression(call) => declares_with(call),
        _ => false,
    }
}

fn argument(argument: &Argument<'_>) -> bool {
    argument.as_expression().is_some_and(constant)
}

/// A call of the SDK's declaring functions, by name: another function of such a name is not steady by chance only,
/// because its own module is judged too.
fn declares_with(call: &CallExpression<'_>) -> bool {
    let known = match &call.callee {
        Expression::Identifier(name) => {
            ["defineConnector", "defineOperator", "tool", "none"].contains(&name.name.as_str())
        }
        Expression::StaticMemberExpression(member) => {
            matches!(&member.object, Expression::Identifier(name) if name.name == "auth")
        }
        _ => false,
    };
    known && call.arguments.iter().all(argument)
}

/// Finds a function's own containers: constants of an inner scope that hold a new object nobody else has.
struct Fresh<'s> {
    scoping: &'s Scoping,
    symbols: HashSet<SymbolId>,
}

impl<'a> Visit<'a> for Fresh<'_> {
    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &declarator.id
            && let Some(symbol) = name.symbol_id.get()
            && self.scoping.symbol_scope_id(symbol) != self.scoping.root_scope_id()
            && !self.scoping.symbol_is_mutated(symbol)
            && declarator.init.as_ref().is_some_and(makes)
        {
            self.symbols.insert(symbol);
        }
        walk::walk_variable_declarator(self, declarator);
    }
}

fn makes(expression: &Expression<'_>) -> bool {
    match expression.get_inner_expression() {
        Expression::ArrayExpression(_) | Expression::ObjectExpression(_) | Expression::RegExpLiteral(_) => true,
        Expression::NewExpression(new) => {
            const KNOWN: [&str; 5] = ["Map", "Set", "Date", "Array", "RegExp"];
            matches!(&new.callee, Expression::Identifier(name) if KNOWN.contains(&name.name.as_str()))
        }
        Expression::CallExpression(call) => {
            matches!(&call.callee, Expression::StaticMemberExpression(member) if MAKING.contains(&member.property.name.as_str()))
        }
        _ => false,
    }
}

struct Check<'s> {
    scoping: &'s Scoping,
    fresh: HashSet<SymbolId>,
    steady: bool,
}

impl Check<'_> {
    fn symbol(&self, name: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(name.reference_id.get()?).symbol_id()
    }

    fn is_fresh(&self, expression: &Expression<'_>) -> bool {
        match expression.get_inner_expression() {
            Expression::Identifier(name) => self.symbol(name).is_some_and(|symbol| self.fresh.contains(&symbol)),
            other => makes(other),
        }
    }
}

impl<'a> Visit<'a> for Check<'_> {
    fn visit_simple_assignment_target(&mut self, target: &SimpleAssignmentTarget<'a>) {
        let allowed = match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => self
                .symbol(name)
                .is_some_and(|symbol| self.scoping.symbol_scope_id(symbol) != self.scoping.root_scope_id()),
            SimpleAssignmentTarget::StaticMemberExpression(member) => self.is_fresh(&member.object),
            SimpleAssignmentTarget::ComputedMemberExpression(member) => self.is_fresh(&member.object),
            _ => false,
        };
        self.steady &= allowed;
        walk::walk_simple_assignment_target(self, target);
    }

    fn visit_assignment_target_pattern(&mut self, _: &AssignmentTargetPattern<'a>) {
        self.steady = false;
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        match call.callee.get_inner_expression() {
            Expression::StaticMemberExpression(member) if CHANGING.contains(&member.property.name.as_str()) => {
                self.steady &= self.is_fresh(&member.object);
                self.visit_expression(&member.object);
                self.visit_arguments(&call.arguments);
                return;
            }
            Expression::ComputedMemberExpression(_) => self.steady = false,
            _ => {}
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        let name = member.property.name.as_str();
        // Named but not called: it could be handed on. Plain data fields may have such names too; then it is slower.
        self.steady &= !FORBIDDEN.contains(&name) && !CHANGING.contains(&name);
        walk::walk_static_member_expression(self, member);
    }

    fn visit_identifier_reference(&mut self, name: &IdentifierReference<'a>) {
        self.steady &= !FORBIDDEN.contains(&name.name.as_str());
    }

    fn visit_unary_expression(&mut self, unary: &UnaryExpression<'a>) {
        if unary.operator == UnaryOperator::Delete {
            let object = match unary.argument.get_inner_expression() {
                Expression::StaticMemberExpression(member) => Some(&member.object),
                Expression::ComputedMemberExpression(member) => Some(&member.object),
                _ => None,
            };
            self.steady &= object.is_some_and(|object| self.is_fresh(object));
        }
        walk::walk_unary_expression(self, unary);
    }

    fn visit_class(&mut self, _: &Class<'a>) {
        self.steady = false;
    }

    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.steady = false;
    }

    fn visit_yield_expression(&mut self, _: &YieldExpression<'a>) {
        self.steady = false;
    }

    fn visit_import_expression(&mut self, _: &ImportExpression<'a>) {
        self.steady = false;
    }
}

#[cfg(test)]
mod tests {
    use crate::author::source::strip::strip;

    fn steady(text: &str) -> bool {
        strip("op.ts", text).unwrap().steady
    }

    #[test]
    fn plain_operators_are_steady() {
        for text in [
            "import { defineOperator } from '@fibric/sdk';
             const LIMIT: number = -1; const RISKY = new Set(['a']); const TABLE = { a: [1, 2] } as const;
             type A = string; interface B { a: A }
             function score(order: B) { let n = 0; for (const x of TABLE.a) { n += x; } return n; }
             export default defineOperator({ name: 'x', run: async (ctx) => {
               const actions: any[] = []; const seen = new Map();
               for (const o of await ctx.sense('a')) { if (RISKY.has(o.id)) actions.push({ o }); seen.set(o.id, 1); }
               const sorted = actions.filter((a) => a.o).sort(); const out: any = {}; out.a = sorted; delete out.b;
               return { actions: [...actions].reverse(), s: score(ctx.envelope) };
             } });",
            "export const a = /x/i;",
            "const r = /x/; export const f = (s) => r.test(s) || r.exec(s) || /y/g.test(s);",
            "const all = [[/x/, 'x']]; export const f = (s) => all.find(([words]) => words.test(s))?.[1];",
        ] {
            assert!(steady(text), "{text}");
        }
    }

    #[test]
    fn whatever_could_keep_something_is_not() {
        for text in [
            "let n = 0; export const f = () => n;",
            "const seen = new Set(); export const f = (x) => seen.add(x);",
            "const c = {}; export const f = (x) => { c.x = x; };",
            "const c = { n: 0 }; export const f = () => { const d = c; d.n += 1; };",
            "const c = { n: 0 }; export const f = () => { g(c); }; const g = (o) => { o.n++; };",
            "const c = { n: 0 }; export const f = () => { const d = { c }; d.c.n = 1; };",
            "const c = []; export const f = () => { for (const x of [c]) x.push(1); };",
            "const c = []; export const f = () => { [c[0]] = [1]; };",
            "const c = []; export const f = () => { for (c[0] of [1]) ; };",
            "export const f = () => { Array.prototype.x = 1; };",
            "export const f = () => { Object.assign(Math, { x: 1 }); };",
            "export const f = () => { globalThis.x = 1; };",
            "export const f = () => { eval('x = 1'); };",
            "export const f = function () { this.n = 1; };",
            "export const f = () => { x = 1; };",
            "export class A { static n = 0; }",
            "const r = /x/g; export const f = (s) => s.replace(r, '');",
            "const r = /x/g; export const f = (s) => r.test(s);",
            "const all = [/x/y]; export const f = (s) => all[0].exec(s);",
            "const r = /x/; export const f = (s) => { r.compile('x', 'g'); return r.test(s); };",
            "const r = new RegExp('x', 'g'); export const f = (s) => r.test(s);",
            "const r = /x/; export const f = (s) => { r.lastIndex = 1; };",
            "const r = { test() { this.n = 1; } }; export const f = (s) => r.test(s);",
            "const made = (() => { let n = 0; return () => n++; })(); export const f = made;",
            "const c = []; export const f = () => { const { push } = c; [1].forEach(c.push, c); };",
            "const c = []; export const f = () => { c['push'](1); };",
            "function* g() { yield 1; } const it = g(); export const f = () => it.next();",
            "console.log(1);",
            "export const f = () => import('./x');",
            "let a; export const f = () => { a ??= 1; return a; };",
            "export function f() { f.n = (f.n ?? 0) + 1; }",
        ] {
            assert!(!steady(text), "{text}");
        }
    }
}
