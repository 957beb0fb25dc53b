//! The functions that scripts call without a module, collected in a module of Rhai that several engines share.
//!
//! An engine belongs to one evaluation; its functions do not, because they find their evaluation in the tag of the call
//! ([`EvalState::of`](super::eval_state::EvalState::of)). So a thread creates them once: a session evaluates all its entries for
//! each new one, and a script with errors is evaluated several times.

use std::any::TypeId;

use rhai::{
    Dynamic, Engine, EvalAltResult, FuncRegistration, Module, NativeCallContext, RhaiFunc, RhaiNativeFunc, Shared,
    Variant,
};

/// Global functions, for one engine or many. The methods are those of [`Engine`].
pub(crate) struct GlobalFunctions(Module);

impl GlobalFunctions {
    /// Creates an empty collection.
    pub(crate) fn new() -> Self {
        Self(Module::new())
    }

    /// Adds a function.
    pub(crate) fn register_fn<A: 'static, const N: usize, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        name: &str,
        function: impl RhaiNativeFunc<A, N, X, R, F> + 'static,
    ) {
        FuncRegistration::new(name).in_global_namespace().set_into_module(&mut self.0, function);
    }

    /// Adds a function with parameters of these types.
    pub(crate) fn register_raw_fn<T: Variant + Clone>(
        &mut self,
        name: &str,
        types: &[TypeId],
        function: impl Fn(NativeCallContext, &mut [&mut Dynamic]) -> Result<T, Box<EvalAltResult>> + 'static,
    ) {
        let func = Shared::new(move |ctx: Option<NativeCallContext>, arguments: &mut [&mut Dynamic]| {
            function(ctx.expect("functions are registered with a context"), arguments).map(Dynamic::from)
        });
        let function = RhaiFunc::Method { func, has_context: true, is_pure: true, is_volatile: true };
        FuncRegistration::new(name).in_global_namespace().set_into_module_raw(&mut self.0, types, function);
    }

    /// Adds a property of a type.
    pub(crate) fn register_get<A: 'static, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        name: &str,
        function: impl RhaiNativeFunc<A, 1, X, R, F> + 'static,
    ) {
        FuncRegistration::new_getter(name).in_global_namespace().set_into_module(&mut self.0, function);
    }

    /// Adds `value[index]` of a type.
    pub(crate) fn register_indexer_get<A: 'static, const X: bool, R: Variant + Clone, const F: bool>(
        &mut self,
        function: impl RhaiNativeFunc<A, 2, X, R, F> + 'static,
    ) {
        FuncRegistration::new_index_getter().in_global_namespace().set_into_module(&mut self.0, function);
    }

    /// Gives a type the name that scripts see.
    pub(crate) fn register_type_with_name<T: Variant + Clone>(&mut self, name: &str) {
        self.0.set_custom_type::<T>(name);
    }

    /// Returns them as a module that engines can share.
    pub(crate) fn shared(self) -> Shared<Module> {
        Shared::new(self.0)
    }

    /// Adds them to an engine.
    pub(crate) fn add_to(self, engine: &mut Engine) {
        engine.register_global_module(self.shared());
    }
}
