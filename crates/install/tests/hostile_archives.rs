//! Archives that try to get out of the folder they are unpacked into.

mod support;

use doorcode_install::InstallError;
use support::{Folder, Part, archive, install_bytes, listing, says};
use tar::EntryType;

/// The entry that the archive is refused for, and why. Nothing of it may be left, inside or outside.
async fn refused(parts: &[Part<'_>]) -> (String, &'static str) {
    let folder = Folder::new();
    folder.file("outside/file", "untouched");
    let mut all = vec![Part::Script("x/bin/code-server", says("4.139.1"))];
    all.extend(parts.iter().map(|part| match part {
        Part::Script(name, text) => Part::Script(name, text.clone()),
        Part::File(name, contents) => Part::File(name, contents.clone()),
        Part::Folder(name) => Part::Folder(name),
        Part::Symlink(name, target) => Part::Symlink(name, target),
        Part::HardLink(name, target) => Part::HardLink(name, target),
        Part::Other(name, kind) => Part::Other(name, *kind),
    }));
    let result = install_bytes(&folder, &archive(&all)).await;
    assert_eq!(listing(&folder), [] as [&str; 0]);
    assert_eq!(
        std::fs::read_to_string(folder.join("outside/file")).expect("still there"),
        "untouched"
    );
    match result {
        Err(InstallError::ArchiveRefused { entry, reason }) => (entry.display().to_string(), reason),
        other => panic!("{other:?}"),
    }
}

fn evil() -> Vec<u8> {
    b"evil".to_vec()
}

#[tokio::test]
async fn names_that_lead_outside() {
    for name in [
        "x/../../../../outside/file",
        "../outside/file",
        "x/a/../../../b",
        "/tmp/doorcode-evil",
        "..",
        "y/file",
        "file",
    ] {
        let (entry, _) = refused(&[Part::File(name, evil())]).await;
        assert_eq!(entry, name);
    }
}

#[tokio::test]
async fn links_that_lead_outside() {
    for (name, target) in [
        ("x/link", "/etc/passwd"),
        ("x/link", ".."),
        ("x/link", "../../../outside/file"),
        ("x/a/link", "../../outside"),
        ("x/link", "bin/../../outside"),
        ("x/a/b/link", "../b/../../../outside"),
    ] {
        let (entry, reason) = refused(&[Part::Symlink(name, target)]).await;
        assert_eq!(
            (entry.as_str(), reason),
            (name, "it is a link that leads outside"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn a_chain_of_links_each_of_which_looks_harmless() {
    // From the top, `up` is the top itself; `up/..` would be above it.
    let chain = [
        Part::Symlink("x/a/up", ".."),
        Part::Symlink("x/out", "a/up/../outside"),
    ];
    assert_eq!(refused(&chain).await.0, "x/out");
    let chain = [Part::Symlink("x/here", "."), Part::Symlink("x/here/out", "..")];
    assert_eq!(refused(&chain).await.0, "x/here/out");
}

#[tokio::test]
async fn nothing_is_written_through_a_link_or_over_something() {
    let into_link = [
        Part::Symlink("x/lib", "bin"),
        Part::File("x/lib/code-server", evil()),
    ];
    assert_eq!(
        refused(&into_link).await,
        (
            "x/lib/code-server".into(),
            "its way leads through something that is no folder"
        )
    );
    let over = "there is already something of its name";
    assert_eq!(refused(&[Part::File("x/bin/code-server", evil())]).await.1, over);
    let onto_link = [Part::Symlink("x/a", "bin/code-server"), Part::File("x/a", evil())];
    assert_eq!(refused(&onto_link).await.1, over);
    assert_eq!(refused(&[Part::Symlink("x/bin", "elsewhere")]).await.1, over);
    assert_eq!(
        refused(&[Part::HardLink("x/bin/code-server", "x/bin/code-server")])
            .await
            .1,
        over
    );
}

#[tokio::test]
async fn second_names_for_files_outside() {
    for target in [
        "/etc/passwd",
        "../outside/file",
        "x/../outside/file",
        "outside/file",
    ] {
        refused(&[Part::HardLink("x/link", target)]).await;
    }
    let no_file = "it is a second name for something that is no file of the archive";
    assert_eq!(refused(&[Part::HardLink("x/link", "x/none")]).await.1, no_file);
    assert_eq!(refused(&[Part::HardLink("x/link", "x/bin")]).await.1, no_file);
    let through = [
        Part::Symlink("x/s", "bin/code-server"),
        Part::HardLink("x/link", "x/s"),
    ];
    assert_eq!(refused(&through).await.1, no_file);
}

#[tokio::test]
async fn devices_and_pipes() {
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        assert_eq!(
            refused(&[Part::Other("x/thing", kind)]).await.1,
            "it is no file, folder or link"
        );
    }
}

#[tokio::test]
async fn a_file_at_the_top_instead_of_a_folder() {
    let folder = Folder::new();
    let error = install_bytes(&folder, &archive(&[Part::File("code-server", evil())])).await;
    assert!(
        matches!(error, Err(InstallError::ArchiveRefused { .. })),
        "{error:?}"
    );
    assert_eq!(listing(&folder), [] as [&str; 0]);
}
