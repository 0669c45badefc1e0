//! TypeScript in scripts: its types are blanked out, so that every line and column stays as
//! written.
//!
//! As Node does it: what is not a mere annotation (enums, namespaces, parameter properties, ...) is
//! refused. `tests/node.rs` holds it against Node's own.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AccessorProperty, ArrowFunctionExpression, Class, ClassElement, Declaration, Decorator,
    ExportDefaultDeclarationKind, ExportSpecifier, FormalParameter, ImportDeclarationSpecifier,
    ImportOrExportKind, MethodDefinition, PropertyDefinition, PropertyKey, Statement,
    TSAsExpression, TSInstantiationExpression, TSNonNullExpression, TSSatisfiesExpression,
    TSThisParameter, TSTypeAnnotation, TSTypeAssertion, TSTypeParameterDeclaration,
    TSTypeParameterInstantiation, VariableDeclarator,
};
use oxc_ast::ast::{MethodDefinitionType, PropertyDefinitionType};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Kind, Parser, Token};
use oxc_span::{GetSpan, SourceType, Span};

/// No JavaScript can be made of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotErasable {
    /// What is wrong, and what to write instead.
    pub message: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

/// JavaScript of the same lines and columns.
///
/// # Errors
/// It is no TypeScript, or not all of it can be erased.
pub fn strip(source: &str) -> Result<String, NotErasable> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts())
        .with_config(TokensParserConfig)
        .parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        let at = error.labels.iter().next().map_or(0, |label| label.offset());
        return Err(refusal(source, at, error.message.to_string()));
    }
    let mut eraser = Eraser {
        source,
        tokens: &parsed.tokens,
        edits: Vec::new(),
        refused: None,
    };
    eraser.visit_program(&parsed.program);
    match eraser.refused {
        Some((at, message)) => Err(refusal(source, at, message.to_owned())),
        None => Ok(eraser.written()),
    }
}

fn refusal(source: &str, at: u32, message: String) -> NotErasable {
    let before = source.get(..at as usize).unwrap_or(source);
    let line_begin = before.rfind('\n').map_or(0, |end| end + 1);
    NotErasable {
        message,
        line: before.matches('\n').count() + 1,
        column: before[line_begin..].chars().count() + 1,
    }
}

/// A change of the text that keeps every character's place.
enum Edit {
    Blank(Span),
    Put(u32, char),
}

struct Eraser<'s, 't> {
    source: &'s str,
    tokens: &'t [Token],
    edits: Vec<Edit>,
    /// The first thing that cannot be erased.
    refused: Option<(u32, &'static str)>,
}

impl Eraser<'_, '_> {
    fn written(self) -> String {
        let mut places: Vec<Option<char>> = vec![None; self.source.len()];
        for edit in self.edits {
            match edit {
                Edit::Blank(span) => {
                    let range = span.start as usize..span.end as usize;
                    if let Some(range) = places.get_mut(range) {
                        range.fill(Some(' '));
                    }
                }
                Edit::Put(at, with) => {
                    if let Some(place) = places.get_mut(at as usize) {
                        *place = Some(with);
                    }
                }
            }
        }
        let is_line_end = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
        self.source
            .char_indices()
            .map(|(at, c)| match places.get(at) {
                Some(Some(with)) if !is_line_end(c) => *with,
                _ => c,
            })
            .collect()
    }

    fn blank(&mut self, start: u32, end: u32) {
        if start < end {
            self.edits.push(Edit::Blank(Span::new(start, end)));
        }
    }

    fn put(&mut self, at: u32, with: char) {
        self.edits.push(Edit::Put(at, with));
    }

    fn refuse(&mut self, span: Span, message: &'static str) {
        if self.refused.is_none_or(|(at, _)| span.start < at) {
            self.refused = Some((span.start, message));
        }
    }

    /// A statement or a member of a class that is only for types. The semicolon keeps what is
    /// before it from going on in the next line.
    fn blank_whole(&mut self, span: Span) {
        self.blank(span.start, span.end);
        self.put(span.start, ';');
    }

    /// Tokens that begin at `from` or later and end at `to` or earlier.
    fn tokens_between(&self, from: u32, to: u32) -> impl Iterator<Item = &Token> {
        let first = self.tokens.partition_point(|token| token.start() < from);
        let rest = self.tokens.get(first..).unwrap_or_default();
        rest.iter().take_while(move |token| token.end() <= to)
    }

    fn token_after(&self, from: u32) -> Option<&Token> {
        self.tokens_between(from, u32::MAX).next()
    }

    fn blank_token_after(&mut self, from: u32, kind: Kind) {
        if let Some(span) = self
            .token_after(from)
            .filter(|t| t.kind() == kind)
            .map(Token::span)
        {
            self.blank(span.start, span.end);
        }
    }

    /// Blanks the first such word, if there is one.
    fn blank_word(&mut self, from: u32, to: u32, kind: Kind) {
        let found = self.tokens_between(from, to).find(|t| t.kind() == kind);
        if let Some(span) = found.map(Token::span) {
            self.blank(span.start, span.end);
        }
    }

    /// A list's element, with the comma that follows it.
    fn blank_element(&mut self, span: Span) {
        self.blank(span.start, span.end);
        self.blank_token_after(span.end, Kind::Comma);
    }

    /// Words before the name of a class's member that say nothing in JavaScript.
    fn blank_modifiers(&mut self, member: Span, key: Span) {
        let spans: Vec<Span> = self
            .tokens_between(member.start, key.start)
            .take_while(|token| token.kind() != Kind::LBrack)
            .filter(|token| {
                matches!(
                    token.kind(),
                    Kind::Public
                        | Kind::Private
                        | Kind::Protected
                        | Kind::Readonly
                        | Kind::Override
                )
            })
            .map(Token::span)
            .collect();
        for span in spans {
            self.blank(span.start, span.end);
            // What follows may be taken for the rest of the member before.
            if span.start == member.start {
                self.put(span.start, ';');
            }
        }
    }

    /// `?` or `!` behind a member's name.
    fn blank_mark(&mut self, key: &PropertyKey<'_>, computed: bool, marks: [bool; 2]) {
        let mut end = key.span().end;
        if computed
            && let Some(bracket) = self.token_after(end).filter(|t| t.kind() == Kind::RBrack)
        {
            end = bracket.end();
        }
        let [optional, definite] = marks;
        if optional {
            self.blank_token_after(end, Kind::Question);
        }
        if definite {
            self.blank_token_after(end, Kind::Bang);
        }
    }

    /// Ends a statement or a member whose last part was blanked and which had no semicolon.
    fn close(&mut self, span: Span) {
        let open = self.edits.iter().rev().find_map(|edit| match edit {
            Edit::Blank(blank) if blank.end == span.end => Some(blank.start),
            _ => None,
        });
        if let Some(start) = open
            && !self.source[..span.end as usize].ends_with([';', '}'])
        {
            self.put(start, ';');
        }
    }

    /// What only types have a use for: whether a declaration is to be blanked.
    fn is_type(&mut self, declaration: &Declaration<'_>) -> bool {
        match declaration {
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => true,
            Declaration::VariableDeclaration(it) => it.declare,
            Declaration::FunctionDeclaration(it) => it.declare || it.body.is_none(),
            Declaration::ClassDeclaration(it) => it.declare,
            Declaration::TSEnumDeclaration(it) => {
                if !it.declare {
                    self.refuse(
                        it.span,
                        "an enum is more than a type: write an object with its values instead",
                    );
                }
                it.declare
            }
            Declaration::TSNamespaceDeclaration(it) => {
                if !it.declare {
                    self.refuse(
                        it.span,
                        "a namespace is more than a type: write a module of its own instead",
                    );
                }
                it.declare
            }
            Declaration::TSImportEqualsDeclaration(it) => {
                let types = it.import_kind == ImportOrExportKind::Type;
                if !types {
                    self.refuse(
                        it.span,
                        "`import ... =` is not JavaScript: write `import ... from`",
                    );
                }
                types
            }
        }
    }

    fn specifiers(&mut self, specifiers: &[ExportSpecifier<'_>]) {
        for specifier in specifiers {
            if specifier.export_kind == ImportOrExportKind::Type {
                self.blank_element(specifier.span);
            }
        }
    }

    /// An arrow must be in the line in which its parameters end.
    fn arrow_result(&mut self, parameters: Span, result: &TSTypeAnnotation<'_>) {
        self.blank(result.span.start, result.span.end);
        let between = &self.source[parameters.end as usize..result.span.end as usize];
        if between.contains('\n') {
            self.blank(parameters.end - 1, parameters.end);
            self.put(result.span.end - 1, ')');
        }
    }
}

impl<'a> Visit<'a> for Eraser<'_, '_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        let span = it.span();
        if let Some(declaration) = it.as_declaration()
            && self.is_type(declaration)
        {
            return self.blank_whole(span);
        }
        let is_type = match it {
            Statement::ImportDeclaration(it) => it.import_kind == ImportOrExportKind::Type,
            Statement::ExportAllDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportNamedDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportFromDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportDeclaration(it) => self.is_type(&it.declaration),
            Statement::ExportDefaultDeclaration(it) => match &it.declaration {
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => true,
                ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.body.is_none(),
                _ => false,
            },
            Statement::TSNamespaceExportDeclaration(_) => true,
            Statement::TSExportAssignment(it) => {
                self.refuse(
                    it.span,
                    "`export =` is not JavaScript: write `export default`",
                );
                false
            }
            _ => false,
        };
        if is_type {
            return self.blank_whole(span);
        }
        match it {
            Statement::ExportNamedDeclaration(it) => self.specifiers(&it.specifiers),
            Statement::ExportFromDeclaration(it) => self.specifiers(&it.specifiers),
            _ => {}
        }
        walk::walk_statement(self, it);
        self.close(span);
    }

    fn visit_import_declaration_specifier(&mut self, it: &ImportDeclarationSpecifier<'a>) {
        if let ImportDeclarationSpecifier::ImportSpecifier(it) = it
            && it.import_kind == ImportOrExportKind::Type
        {
            self.blank_element(it.span);
        }
    }

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        self.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.blank(it.span.start, it.span.end);
    }

    fn visit_ts_this_parameter(&mut self, it: &TSThisParameter<'a>) {
        self.blank_element(it.span);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_instantiation_expression(&mut self, it: &TSInstantiationExpression<'a>) {
        self.visit_expression(&it.expression);
        self.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        self.refuse(
            it.span,
            "`<T>x` cannot be told from JavaScript: write `x as T`",
        );
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        self.refuse(it.span, "decorators are not JavaScript yet");
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        if let Some(types) = &it.type_parameters {
            self.visit_ts_type_parameter_declaration(types);
            let span = types.span;
            let text = &self.source[span.start as usize..it.params.span.start as usize];
            // `async` must be in the line in which the parameters begin.
            if it.r#async && text.contains('\n') {
                self.put(span.start, '(');
                self.blank(it.params.span.start, it.params.span.start + 1);
            }
        }
        self.visit_formal_parameters(&it.params);
        if let Some(result) = &it.return_type {
            self.arrow_result(it.params.span, result);
        }
        self.visit_arrow_function_body(&it.body);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            self.refuse(it.span, "a parameter property is more than a type: declare the property and set it in the constructor");
        }
        if it.optional {
            self.blank_token_after(it.pattern.span().end, Kind::Question);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if it.definite {
            self.blank_token_after(it.id.span().end, Kind::Bang);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let named = it
            .id
            .as_ref()
            .map_or(it.body.span.start, |id| id.span.start);
        if it.r#abstract {
            self.blank_word(it.span.start, named, Kind::Abstract);
        }
        if let (Some(first), Some(last)) = (it.implements.first(), it.implements.last()) {
            let head = it.id.as_ref().map_or(it.span.start, |id| id.span.end);
            let head = it
                .type_parameters
                .as_ref()
                .map_or(head, |types| types.span.end);
            let heritage = it.heritage.as_ref();
            let head = heritage.map_or(head, |heritage| {
                let types = heritage.type_arguments.as_ref();
                types.map_or(heritage.expression.span().end, |types| types.span.end)
            });
            self.blank_word(head, first.span.start, Kind::Implements);
            self.blank(first.span.start, last.span.end);
        }
        walk::walk_class(self, it);
    }

    fn visit_ts_class_implements_list(
        &mut self,
        _: &oxc_allocator::Vec<'a, oxc_ast::ast::TSClassImplements<'a>>,
    ) {
    }

    fn visit_class_element(&mut self, it: &ClassElement<'a>) {
        let span = it.span();
        let is_type = match it {
            ClassElement::TSIndexSignature(_) => true,
            ClassElement::MethodDefinition(it) => {
                it.r#type == MethodDefinitionType::TSAbstractMethodDefinition
                    || it.value.body.is_none()
            }
            ClassElement::PropertyDefinition(it) => {
                it.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition || it.declare
            }
            ClassElement::AccessorProperty(_) | ClassElement::StaticBlock(_) => false,
        };
        if is_type {
            return self.blank_whole(span);
        }
        walk::walk_class_element(self, it);
        self.close(span);
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        self.blank_modifiers(it.span, it.key.span());
        self.blank_mark(&it.key, it.computed, [it.optional, false]);
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        self.blank_modifiers(it.span, it.key.span());
        self.blank_mark(&it.key, it.computed, [it.optional, it.definite]);
        walk::walk_property_definition(self, it);
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        self.refuse(
            it.span,
            "`accessor` is not JavaScript yet: write a getter and a setter",
        );
    }
}
