//! The types of blocks, parts of blocks and stacks that scripts handle: one list, from which everything that is the
//! same
//! for each type is generated.

use std::rc::Rc;

use rhai::Dynamic;

use crate::block::{
    Alb, ArchivedImage, Authentication, Block, Bucket, Cache, Cluster, Container, Dashboard, Database, ExpressService,
    FargateService, FileSystem, FixedResponse, Gunicorn, HealthCheck, Image, Job, Nlb, Parameter, Queue, RawResource,
    Redirect, RegistryImage, Repository, Route, Scaling, Stack, StoredSecret, Table, Target, Topic, TrafficShift, Vpc,
};

/// A type that scripts handle by reference: a block, a part of a block, or a stack.
pub(crate) trait BlockType: Clone + PartialEq + 'static {
    /// The name in scripts and documentation.
    const NAME: &'static str;
    /// The name with its article, for messages: `a Cluster`.
    const WITH_ARTICLE: &'static str;

    /// Returns the block that the value refers to in texts; none for a part of a block and for a stack.
    fn block(this: &Rc<Self>) -> Option<Block>;
}

/// Passes every type to a macro: the type, its name, its name with the article, and its variant of [`Block`] if it
/// creates resources.
macro_rules! for_each_block_type {
    ($then:ident) => {
        $then! {
            Alb, "Alb", "an Alb", Alb;
            Authentication, "Authentication", "an Authentication";
            Cluster, "Cluster", "a Cluster", Cluster;
            Container, "Container", "a Container";
            Dashboard, "Dashboard", "a Dashboard", Dashboard;
            Database, "Database", "a Database", Database;
            Cache, "Cache", "a Cache", Cache;
            Bucket, "Bucket", "a Bucket", Bucket;
            Queue, "Queue", "a Queue", Queue;
            Topic, "Topic", "a Topic", Topic;
            Table, "Table", "a Table", Table;
            FileSystem, "FileSystem", "a FileSystem", FileSystem;
            StoredSecret, "Secret", "a Secret", Secret;
            Repository, "Repository", "a Repository", Repository;
            ExpressService, "ExpressService", "an ExpressService", ExpressService;
            FargateService, "FargateService", "a FargateService", FargateService;
            FixedResponse, "FixedResponse", "a FixedResponse";
            Gunicorn, "Gunicorn", "a Gunicorn";
            HealthCheck, "HealthCheck", "a HealthCheck";
            ArchivedImage, "ArchivedImage", "an ArchivedImage";
            Image, "Image", "an Image";
            Nlb, "Nlb", "an Nlb", Nlb;
            Job, "Job", "a Job", Job;
            Parameter, "Parameter", "a parameter", Parameter;
            Redirect, "Redirect", "a Redirect";
            RegistryImage, "RegistryImage", "a RegistryImage";
            RawResource, "Resource", "a resource", Resource;
            Route, "Route", "a Route";
            Scaling, "Scaling", "a Scaling";
            Stack, "Stack", "a Stack";
            Target, "Target", "a Target";
            TrafficShift, "TrafficShift", "a TrafficShift";
            Vpc, "Vpc", "a Vpc", Vpc;
        }
    };
}
pub(crate) use for_each_block_type;

macro_rules! implement {
    ($($kind:ident, $name:literal, $with_article:literal $(, $variant:ident)?;)*) => {
        $(impl BlockType for $kind {
            const NAME: &'static str = $name;
            const WITH_ARTICLE: &'static str = $with_article;

            fn block(this: &Rc<Self>) -> Option<Block> {
                let _ = this;
                [$(Block::$variant(Rc::clone(this)))?].into_iter().next()
            }
        })*

        /// Returns a value of the script as a block, if it is one.
        pub(crate) fn block(value: &Dynamic) -> Option<Block> {
            $($(if let Some(block) = value.read_lock::<Rc<$kind>>() {
                return Some(Block::$variant(Rc::clone(&block)));
            })?)*
            None
        }

        /// Returns the name of the type of a block, a part of a block or a stack.
        pub(crate) fn type_name(value: &Dynamic) -> Option<&'static str> {
            $(if value.is::<Rc<$kind>>() {
                return Some($name);
            })*
            None
        }

        /// Returns the address of a block, a part of a block or a stack.
        pub(crate) fn address_of(value: &Dynamic) -> Option<usize> {
            $(if let Some(value) = value.read_lock::<Rc<$kind>>() {
                return Some(address(&value));
            })*
            None
        }

        /// Returns the address of a block.
        pub(crate) fn address_of_block(block: &Block) -> usize {
            match block {
                $($(Block::$variant(block) => address(block),)?)*
            }
        }

        /// Returns whether two values of one of these types are equal; nothing for values of other types.
        pub(crate) fn equal(a: &Dynamic, b: &Dynamic) -> Option<bool> {
            $(if let (Some(a), Some(b)) = (a.read_lock::<Rc<$kind>>(), b.read_lock::<Rc<$kind>>()) {
                return Some(Rc::ptr_eq(&a, &b) || *a == *b);
            })*
            None
        }
    };
}

for_each_block_type!(implement);

/// Returns the address of a value, which identifies it while it lives.
pub(crate) fn address<T>(value: &Rc<T>) -> usize {
    Rc::as_ptr(value).cast::<()>() as usize
}
