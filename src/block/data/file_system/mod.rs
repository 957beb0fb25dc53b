//! A file system of EFS.

mod lower;

use std::rc::Rc;

use super::{part, security_group_id};
use crate::block::{Block, Flag, Name, Override, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// The port of NFS.
pub(crate) const PORT: i64 = 2049;

/// A file system of EFS with an access point.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSystem {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The ids of the user and the group that own the files.
    pub owner: Option<WithOrigin<(i64, i64)>>,
    /// The folder that tasks mount.
    pub folder: Option<WithOrigin<String>>,
    /// The network; else that of the services that mount it, or of its stack.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// Whether there are no backups.
    pub no_backups: Flag,
    /// Whether it is deleted with its stack.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl FileSystem {
    /// Creates a file system of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            owner: None,
            folder: None,
            vpc: None,
            no_backups: None,
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the file system.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "FileSystem")
    }

    fn access_point_id(&self) -> LogicalId {
        part(&self.name, "FileSystemAccessPoint")
    }

    /// Returns its id.
    pub fn id(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Arn").into()
    }

    /// Returns the id of its access point.
    pub fn access_point(&self) -> TemplateString {
        Ref::to(self.access_point_id()).into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        security_group_id(&self.name, "FileSystem")
    }
}
