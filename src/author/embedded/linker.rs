//! Modules of the engine, served from the program that the kernel gave: nothing is looked up while author code runs.

use std::rc::Rc;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::{Declarations, Declared, Exports, ModuleDef};
use rquickjs::{Ctx, Error, Module, Object, Result, Value};

use super::program::Modules;
use crate::author::source::EXPORTS;

/// Resolves and loads by the program alone.
pub struct Linker(pub Rc<Modules>);

impl Resolver for Linker {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        self.0.resolve(base, name).map(str::to_owned).ok_or_else(|| Error::new_resolving(base, name))
    }
}

impl Loader for Linker {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let code = self.0.code(name).ok_or_else(|| Error::new_loading(name))?;
        Module::declare(ctx.clone(), name, code)
    }
}

/// The global under which the SDK is handed to [`Sdk`]; removed before author code runs.
pub const HANDOVER: &str = "fibric:sdk";

/// The modules that the kernel provides; each exports all of the SDK.
pub struct Sdk;

impl ModuleDef for Sdk {
    fn declare(declarations: &Declarations<'_>) -> Result<()> {
        for name in EXPORTS {
            declarations.declare(name)?;
        }
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let sdk: Object<'js> = ctx.globals().get(HANDOVER)?;
        for name in EXPORTS {
            exports.export(name, sdk.get::<_, Value<'js>>(name)?)?;
        }
        Ok(())
    }
}
