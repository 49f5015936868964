//! One file from TypeScript or JavaScript to the JavaScript that runs, with its imports and its source map.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::{LabeledSpan, SourceType};
use oxc_transformer::{TransformOptions, Transformer};

use super::purity::is_steady;
use super::refused::refused;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Span, Value};

/// A file of this many bytes or more is not read as code.
pub const MAX_SOURCE: usize = 1 << 20;

/// A file, ready to run.
pub struct Stripped {
    /// The JavaScript; none where it is the text.
    pub code: Option<String>,
    /// The way back, as JSON; none where the code is the text.
    pub map: Option<String>,
    /// True when no call of its functions can leave anything behind.
    pub steady: bool,
    /// Specifiers of the imports that remain, with their place in the text.
    pub imports: Vec<(String, Span)>,
}

/// Makes a file runnable, or says what is wrong with its syntax. The parser recurses as deep as the text nests, and
/// takes as long as it takes: this runs in a host, which has the stack for it and may die of it.
pub fn strip(name: &str, text: &str) -> Result<Stripped, Box<Diagnostic>> {
    let path = Path::new(name);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if text.len() >= MAX_SOURCE {
        let message = format!("`{name}` is too large to be loaded: {} KiB, the limit is 1 MiB", text.len() >> 10);
        return Err(Box::new(Diagnostic::error(message).in_file(name)));
    }
    match extension {
        "json" => strip_json(name, text),
        "ts" | "mts" => strip_code(path, text, SourceType::ts()),
        _ => strip_code(path, text, SourceType::mjs()),
    }
    .map_err(|diagnostic| Box::new(diagnostic.in_file(name)))
}

fn strip_json(name: &str, text: &str) -> Result<Stripped, Diagnostic> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = json::read(text).map_err(|error| {
        let span = error.offset..error.offset + 1;
        Diagnostic::error(format!("`{name}` is not JSON: {error}")).at_span(text, &span, 1)
    })?;
    let literal = Value::String(document.value.to_string());
    Ok(Stripped {
        code: Some(format!("export default JSON.parse({literal});\n")),
        map: None,
        steady: true,
        imports: Vec::new(),
    })
}

fn strip_code(path: &Path, text: &str, source: SourceType) -> Result<Stripped, Diagnostic> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source).parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        return Err(syntax(&error.message, error.labels.first(), error.help.as_deref(), text));
    }
    if let Some(told) = refused(&parsed.program, text) {
        return Err(told);
    }
    let mut written: Vec<(String, Span)> = Vec::new();
    for (specifier, places) in &parsed.module_record.requested_modules {
        let place = places.iter().find(|place| !place.is_type).or(places.first());
        let Some(place) = place else { continue };
        written.push((specifier.to_string(), place.span.start as usize..place.span.end as usize));
    }
    for dynamic in &parsed.module_record.dynamic_imports {
        let span = dynamic.module_request.start as usize..dynamic.module_request.end as usize;
        let literal = text.get(span.clone()).unwrap_or_default();
        if let Some(specifier) = literal.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"'])) {
            written.push((specifier.to_owned(), span));
        }
    }
    written.sort_by_key(|(_, span)| span.start);
    let mut program = parsed.program;
    let semantic = SemanticBuilder::new().with_check_syntax_error(true).with_enum_eval(true).build(&program);
    if let Some(error) = semantic.diagnostics.errors().next() {
        return Err(syntax(&error.message, error.labels.first(), error.help.as_deref(), text));
    }
    let steady = is_steady(&program, semantic.semantic.scoping());
    if source.is_javascript() {
        return Ok(Stripped { code: None, map: None, steady, imports: written });
    }
    let options = TransformOptions::default();
    let transformed =
        Transformer::new(&allocator, path, &options).build_with_scoping(semantic.semantic.into_scoping(), &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(syntax(&error.message, error.labels.first(), error.help.as_deref(), text));
    }
    let options = CodegenOptions { source_map_path: Some(path.to_path_buf()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).build(&program);
    let map = printed.map.map(|map| map.to_json_string());
    let remaining = requested(&printed.code);
    written.retain(|(specifier, _)| remaining.contains(specifier));
    Ok(Stripped { code: Some(printed.code), map, steady, imports: written })
}

/// What the printed code still imports: types are gone from it.
fn requested(code: &str) -> Vec<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, code, SourceType::mjs()).parse();
    let mut names: Vec<String> = parsed.module_record.requested_modules.keys().map(ToString::to_string).collect();
    for dynamic in &parsed.module_record.dynamic_imports {
        let literal = code.get(dynamic.module_request.start as usize..dynamic.module_request.end as usize);
        names.push(literal.unwrap_or_default().trim_matches(['\'', '"']).to_owned());
    }
    names
}

fn syntax(message: &str, label: Option<&LabeledSpan>, help: Option<&str>, text: &str) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(format!("syntax: {}", sentence(message)));
    if let Some(label) = label {
        let start = label.offset() as usize;
        let length = (label.len() as usize).max(1);
        diagnostic = diagnostic.at_span(text, &(start..start + length), 1);
    }
    match help {
        Some(help) => diagnostic.help(sentence(help)),
        None => diagnostic,
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().collect::<String>()).unwrap_or_default();
    first + chars.as_str().trim_end_matches('.')
}
