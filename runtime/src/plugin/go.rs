//! Commands that Go's own compiler made, with room for WASI's adapter.
//!
//! The adapter between WASI's previews keeps its state in the command's memory, in a page that it
//! has the memory grow by. Go's runtime takes it that nobody but itself has its memory grow: each
//! time it goes on where it left off, and so over that page. Here a command gets all the memory that
//! it may have from the start, so that the page comes after it, and a growth of its own which hands
//! that out: only pages that are written to are really there.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, Function, FunctionSection, GlobalSection, GlobalType,
    Instruction, MemoryType, Module, TypeSection, ValType,
};
use wasmparser::{Operator, Parser, Payload, TypeRef};

/// Pages of 64 KiB that a command of Go may have: 56 MiB, which leaves some of the default limit,
/// 64 MiB, to the adapter and the tables.
const PAGES: u32 = 56 * 16;

/// The custom section of each module that Go's linker wrote.
pub(super) const MARK: &str = "go:buildid";

/// The module with all its memory from the start. One that has more than [`PAGES`] already, or no
/// memory of its own, is left as it is.
///
/// # Errors
/// It is damaged.
pub(super) fn with_room(bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    let Some(room) = Room::look(&bytes)? else {
        return Ok(bytes);
    };
    let mut room = room;
    let mut module = Module::new();
    room.parse_core_module(&mut module, Parser::new(0), &bytes)?;
    Ok(module.finish())
}

/// What is put in the place of the memory's growth, by index.
struct Room {
    /// Pages that the module asks for at first.
    first: u32,
    /// The type of the growth: from one `i32` to another.
    ty: u32,
    /// The function that hands out pages.
    grow: u32,
    /// The number of pages that are handed out.
    handed_out: u32,
}

impl Room {
    fn look(bytes: &[u8]) -> Result<Option<Room>, Error> {
        let (mut types, mut functions, mut globals, mut first) = (0, 0, None, None);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        types += u32::try_from(group?.types().len()).unwrap_or(u32::MAX);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => functions += 1,
                            // Not Go's: its indices would be counted wrongly.
                            TypeRef::Global(_) | TypeRef::Memory(_) => return Ok(None),
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => functions += section.count(),
                Payload::GlobalSection(section) => globals = Some(section.count()),
                Payload::MemorySection(section) => {
                    for memory in section {
                        first = u32::try_from(memory?.initial).ok();
                    }
                }
                _ => {}
            }
        }
        let room = globals.zip(first).filter(|(_, first)| *first < PAGES);
        Ok(room.map(|(globals, first)| Room {
            first,
            ty: types,
            grow: functions,
            handed_out: globals,
        }))
    }

    /// Hands out pages: gives the number that there was, or -1 if there are not so many.
    fn growth(&self) -> Function {
        let mut function = Function::new([]);
        let mut instructions = function.instructions();
        instructions
            .local_get(0)
            .i32_const(PAGES as i32)
            .global_get(self.handed_out)
            .i32_sub()
            .i32_gt_u()
            .if_(BlockType::Empty)
            .i32_const(-1)
            .return_()
            .end()
            .global_get(self.handed_out)
            .global_get(self.handed_out)
            .local_get(0)
            .i32_add()
            .global_set(self.handed_out)
            .end();
        function
    }
}

impl Reencode for Room {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.ty);
        Ok(())
    }

    fn memory_type(&mut self, ty: wasmparser::MemoryType) -> Result<MemoryType, Error> {
        Ok(MemoryType {
            minimum: u64::from(PAGES),
            ..utils::memory_type(self, ty)
        })
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(self.first as i32));
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&self.growth());
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        match operator {
            Operator::MemoryGrow { .. } => Ok(Instruction::Call(self.grow)),
            Operator::MemorySize { .. } => Ok(Instruction::GlobalGet(self.handed_out)),
            other => utils::instruction(self, other),
        }
    }
}
