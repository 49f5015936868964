//! Syntax that is read well and cannot run here, and what to write instead. Knows nothing of types or imports.

use oxc_ast::ast::{
    AccessorProperty, Decorator, Program, TSExportAssignment, TSImportEqualsDeclaration, TSModuleReference,
};
use oxc_ast_visit::Visit;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Span;

/// The first such thing in a file, told with its place.
pub fn refused(program: &Program<'_>, text: &str) -> Option<Diagnostic> {
    let mut first = First(None);
    first.visit_program(program);
    let (message, help, span) = first.0?;
    Some(Diagnostic::error(message).at_span(text, &span, 1).help(help))
}

struct First(Option<(&'static str, &'static str, Span)>);

impl First {
    fn take(&mut self, message: &'static str, help: &'static str, span: oxc_span::Span) {
        self.0.get_or_insert((message, help, span.start as usize..span.end as usize));
    }
}

impl<'a> Visit<'a> for First {
    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        let help = "decorators are not part of the language that author code runs in: call the function yourself, as in \
                    `export default logged(defineOperator({…}))`";
        self.take("decorators are not run", help, decorator.span);
    }

    fn visit_accessor_property(&mut self, property: &AccessorProperty<'a>) {
        let help = "write a field, or `get` and `set`";
        self.take("`accessor` fields are not run", help, property.span);
    }

    fn visit_ts_export_assignment(&mut self, export: &TSExportAssignment<'a>) {
        let help = "author code is an ES module: write `export default` instead";
        self.take("`export =` exports nothing here", help, export.span);
    }

    fn visit_ts_import_equals_declaration(&mut self, import: &TSImportEqualsDeclaration<'a>) {
        if matches!(import.module_reference, TSModuleReference::ExternalModuleReference(_)) {
            let help = "author code is an ES module: write `import NAME from '…'` instead";
            self.take("`import … = require(…)` imports nothing here", help, import.span);
        }
    }
}
