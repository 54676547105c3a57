//! What is known of somebody who guesses passwords, and who is told.

use doorcode_gateway::SignInAttack;

use crate::support::{Door, PASSWORD, PATIENCE, Setup};

#[tokio::test]
async fn an_attack_is_one_once_somebody_was_turned_away() {
    let setup = Setup {
        sign_in_per_minute: 3,
        ..Setup::default()
    };
    let door = Door::open(setup).await;
    let mut client = door.client();
    for _ in 0..3 {
        assert_eq!(client.sign_in("wrong", "/").await.status, 401);
    }
    assert_eq!(door.gateway.sign_in_attack(), None, "mistyping is no attack");

    assert_eq!(client.sign_in("wrong", "/").await.status, 429);
    let expected = SignInAttack {
        wrong: 3,
        turned_away: 1,
        addresses: 1,
        from: vec!["127.0.0.1".parse().unwrap()],
    };
    assert_eq!(door.gateway.sign_in_attack(), Some(expected));
}

#[tokio::test]
async fn sign_ins_are_counted_and_told_also_when_they_end() {
    let door = Door::open(Setup::default()).await;
    let mut news = door.gateway.news();
    assert_eq!(door.sessions.sign_ins(), 0);
    let mut client = door.client();
    assert_eq!(client.sign_in(PASSWORD, "/").await.status, 303);
    assert_eq!(door.sessions.sign_ins(), 1);
    news.mark_unchanged();
    door.sessions.revoke_all();
    tokio::time::timeout(PATIENCE, news.changed())
        .await
        .expect("told in time")
        .unwrap();
    assert_eq!(door.sessions.sign_ins(), 1);
}
