//! A cluster that asks who one is and lets nobody do what was not granted: `rapport check` names each right that is
//! missing, and nothing else.

use crate::support::kafka_broker::{KafkaBroker, Ports};
use crate::support::kafka_stand::Kafka;
use crate::support::log_conformance::Stand as _;

use crate::support::installed::daemon::{Said, rapport};
use crate::support::installed::{Installation, Layout};

/// A listener that knows one user, and rules that let nobody else than the cluster itself do anything unasked.
fn guarded(ports: Ports) -> String {
    let Ports { open, guarded, controller } = ports;
    format!(
        "listeners=PLAINTEXT://127.0.0.1:{open},SASL_PLAINTEXT://127.0.0.1:{guarded},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{open},SASL_PLAINTEXT://127.0.0.1:{guarded}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
 user_app=\"app-password\";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"
    )
}

fn grant(broker: &KafkaBroker, args: &[&str]) {
    let mut all =
        vec!["--bootstrap-server", &broker.bootstrap_servers, "--add", "--allow-principal", "User:app"];
    all.extend(args);
    broker.tool("org.apache.kafka.tools.AclCommand", &all).unwrap();
}

#[test]
fn each_right_that_is_missing_is_named() {
    let test = "each_right_that_is_missing_is_named";
    let broker = match KafkaBroker::start_with(&guarded) {
        Ok(broker) => broker,
        Err(skip) => return skip.announce(test),
    };
    let mut kafka = Kafka::new(&broker);
    kafka.unique("rights");
    let installation = Installation::new(kafka, "rights", Layout::default());
    installation.make_sources();
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.status, Some(0), "{made:?}");
    let servers = format!("bootstrap_servers = \"127.0.0.1:{}\"", broker.guarded_port);
    let of_app = installation.another(
        "app",
        "[kafka.common]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\"sasl.mechanism\" = \"PLAIN\"\n\
         \"sasl.username\" = \"app\"\n\"sasl.password\" = \"app-password\"\n",
    );
    let text = std::fs::read_to_string(&of_app).unwrap();
    let open = format!("bootstrap_servers = \"{}\"", broker.bootstrap_servers);
    assert!(text.contains(&open));
    std::fs::write(&of_app, text.replace(&open, &servers)).unwrap();
    let check = || rapport(&["check", "--config", of_app.to_str().unwrap()]);

    let topics = format!("{}.", installation.prefix);
    let on_topics = ["--topic", &topics, "--resource-pattern-type", "prefixed"];
    let granted = |operations: &[&str], on: &[&str]| {
        let mut args = Vec::new();
        operations.iter().for_each(|operation| args.extend(["--operation", operation]));
        args.extend(on);
        grant(&broker, &args);
    };
    granted(&["Describe"], &on_topics);
    let own = ["crm.", "rapport."].map(|name| installation.topic(name));
    own.iter().for_each(|own| {
        granted(&["DescribeConfigs"], &["--topic", own, "--resource-pattern-type", "prefixed"]);
    });
    // What is granted holds a little later than it was said.
    let checked = |is_so: &dyn Fn(&Said) -> bool| (0..20).map(|_| check()).find(is_so).unwrap_or_else(check);
    let hidden = |name: &str| {
        let topic = installation.topic(name);
        format!(
            "\n  a right is missing: DescribeConfigs on topic {topic}: whether it keeps its records cannot be told"
        )
    };
    let expected = format!("rapport: 2 things are wrong:{}{}\n", hidden("leads"), hidden("deals"));
    let said = checked(&|said| said.errors == expected);
    assert_eq!((said.status, said.errors), (Some(1), expected));
    let hidden =
        "cluster: limits are not known of brokers [1], without the right DescribeConfigs on the cluster";
    assert_eq!(said.out, format!("configuration: right\n{hidden}\n"));

    granted(&["DescribeConfigs"], &["--cluster"]);
    granted(&["DescribeConfigs"], &on_topics);
    let said = checked(&|said| said.out == "configuration: right\ncluster: right\ntopics: right\n");
    assert_eq!(said.status, Some(1), "{said:?}");
    assert_eq!(said.out, "configuration: right\ncluster: right\ntopics: right\n");
    let group = &installation.prefix;
    let read = |topic: &str| {
        let topic = installation.topic(topic);
        format!("a right is missing: Read on topic {topic} (and on group {group})")
    };
    for right in [
        read("leads"),
        read("crm.events"),
        read("rapport.journeys-state"),
        format!(
            "a right is missing: Write on transactional id {group}-check (grant it on the prefix {group})"
        ),
        format!("a right is missing: Delete on topic {}: ", installation.topic("rapport.deltas")),
    ] {
        assert!(said.errors.contains(&right), "{right}\n{}", said.errors);
    }
    assert!(said.errors.starts_with("rapport: 11 things are wrong:"), "{}", said.errors);

    granted(&["Read", "Delete"], &on_topics);
    granted(&["Read"], &["--group", group]);
    granted(&["Write"], &["--transactional-id", group, "--resource-pattern-type", "prefixed"]);
    let missing = |said: &Said| {
        let all = said.errors.matches("a right is missing").count();
        (said.errors.matches("a right is missing: Write on topic ").count(), all)
    };
    let said = checked(&|said| missing(said) == (8, 8));
    assert_eq!(missing(&said), (8, 8), "{}", said.errors);

    granted(&["Write"], &on_topics);
    let said = checked(&|said| said.status == Some(0));
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.out, "configuration: right\ncluster: right\ntopics: right\nrights: right\n");
    assert!(installation.read("rapport.alerts").is_empty(), "what was tried is not seen");
}
