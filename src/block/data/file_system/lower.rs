use std::rc::Rc;

use super::FileSystem;
use crate::block::Block;
use crate::block::data::network::{self, Placement};
use crate::block::data::{group_id, kept, out_of_range, part};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::type_names::{ACCESS_POINT, FILE_SYSTEM, MOUNT_TARGET};
use crate::cfn::{LogicalId, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The user and the group unless set: the first ones that images create.
const USER: i64 = 1000;
const FOLDER: &str = "/data";
/// The most characters and the most folders of the path of an access point (`RootDirectory`, EFS API).
const LONGEST_FOLDER: usize = 100;
const DEEPEST_FOLDER: usize = 4;
/// The largest id of a user or group (`Uid` of `PosixUser`, EFS API).
const LARGEST_ID: i64 = 4_294_967_295;

impl FileSystem {
    fn problems(&self) -> Vec<Diagnostic> {
        let ids = self.owner.iter().flat_map(|owner| {
            let id = |id: i64| WithOrigin::new(id, owner.origin.clone());
            [id(owner.value.0), id(owner.value.1)]
        });
        let ids = ids.filter_map(|id| out_of_range(Some(&id), 0..=LARGEST_ID, ("the id of a user or group", "")));
        let folder = self.folder.as_ref().and_then(wrong_folder);
        ids.chain(folder).collect()
    }

    /// Adds a mount target for each subnet, which are in different zones.
    fn mount_targets(&self, place: &Placement, lowering: &mut Lowering<'_>) {
        let Value::List(subnets) = &place.subnets else {
            let message = format!("the number of subnets of `{}` is known at deployment only", self.name.value);
            lowering.report(
                Diagnostic::new(Code::DeferredValue, message)
                    .at(place.origin.as_ref().unwrap_or(&self.name.origin), "a file system has a mount target in each")
                    .help("list the subnets: `.private_subnets([id, id])`"),
            );
            return;
        };
        for (at, subnet) in subnets.iter().enumerate() {
            let target = Resource::new(MOUNT_TARGET, self.name.origin.clone())
                .with("FileSystemId", self.id())
                .with("SecurityGroups", cfn!([self.security_group_id()]))
                .with("SubnetId", subnet)
                .with_origin_at("SubnetId", place.origin.as_ref());
            lowering.add(part(&self.name, &format!("FileSystemMountTarget{}", at + 1)), target);
        }
    }

    /// Adds the access point: its folder is created at the first mount, for its user and group ("Enforcing a root directory with
    /// an access point", EFS user guide).
    fn access(&self, lowering: &mut Lowering<'_>) {
        let (user, group) = self.owner.as_ref().map_or((USER, USER), |owner| owner.value);
        let folder = self.folder.as_ref().map_or(FOLDER, |folder| &folder.value);
        let (owner_user, owner_group) = (user.to_string(), group.to_string());
        let creation = cfn!({ "OwnerGid": owner_group, "OwnerUid": owner_user, "Permissions": "0755" });
        let root = cfn!({ "Path": folder, "CreationInfo": creation });
        let access = Resource::new(ACCESS_POINT, self.name.origin.clone())
            .with("FileSystemId", self.id())
            .with("PosixUser", cfn!({ "Gid": group.to_string(), "Uid": user.to_string() }))
            .with_origin("PosixUser", &self.owner)
            .with("RootDirectory", root)
            .with_origin("RootDirectory", &self.folder);
        lowering.add(self.access_point_id(), access);
    }
}

/// Reports a folder that EFS refuses (`Path` of `RootDirectory`, EFS API: its length, its pattern and "up to four subdirectories").
fn wrong_folder(folder: &WithOrigin<String>) -> Option<Diagnostic> {
    const REFUSED: &str = "$#<>;`|&?{}^*\n";
    let path = folder.value.as_str();
    let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    let length = path.chars().count();
    let letter = path.chars().find(|letter| REFUSED.contains(*letter));
    let why = if !path.starts_with('/') {
        "it does not begin at the root".to_owned()
    } else if path == "/" {
        return None;
    } else if length > LONGEST_FOLDER {
        format!("it has {length} characters, and {LONGEST_FOLDER} are possible")
    } else if parts.iter().any(|part| part.is_empty()) {
        "it has a folder without a name".to_owned()
    } else if parts.len() > DEEPEST_FOLDER {
        format!("it is {} folders deep, and {DEEPEST_FOLDER} are possible", parts.len())
    } else if let Some(letter) = letter {
        format!("it has the character {letter:?}")
    } else if let Some(part) = parts.iter().find(|part| part.starts_with('.')) {
        format!("the name `{part}` begins with a dot")
    } else {
        return None;
    };
    let message = format!("`{path}` is not a folder of an access point: {why}");
    let names = parts.iter().map(|part| part.trim_start_matches('.').replace(|letter| REFUSED.contains(letter), ""));
    let near: Vec<String> = names.filter(|part| !part.is_empty()).take(DEEPEST_FOLDER).collect();
    let near = format!("/{}", near.join("/"));
    let near = if near.len() > 1 && near.chars().count() <= LONGEST_FOLDER { near } else { FOLDER.to_owned() };
    Some(
        Diagnostic::new(Code::DataSetting, message).at(&folder.origin, "").help(format!("write `.folder(\"{near}\")`")),
    )
}

impl BlockKind for FileSystem {
    named_block!();

    fn logical_ids(&self) -> Vec<LogicalId> {
        vec![self.logical_id(), self.access_point_id(), group_id(&self.name, "FileSystem")]
    }

    fn reference(&self) -> TemplateString {
        self.id()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.problems());
        let Some(place) = network::place(&Block::FileSystem(self.clone()), &self.name, lowering) else { return };
        network::add_group(&self.name, "FileSystem", &place.vpc, lowering);
        let file_system = Resource::new(FILE_SYSTEM, self.name.origin.clone())
            .set_or(
                "BackupPolicy",
                &self.no_backups,
                cfn!({ "Status": "ENABLED" }),
                |()| cfn!({ "Status": "DISABLED" }),
            )
            .with("Encrypted", true)
            .with("LifecyclePolicies", cfn!([cfn!({ "TransitionToIA": "AFTER_30_DAYS" })]))
            .with("ThroughputMode", "elastic");
        lowering.add(self.logical_id(), kept(file_system, &self.delete_with_stack));
        self.mount_targets(&place, lowering);
        self.access(lowering);
    }
}
