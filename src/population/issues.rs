//! The project's own small taxonomy of the issues that families face, and which of them go with which condition.
//!
//! How often each comes up is this project's own judgement: every issue has a weight, and the issues a condition is
//! known for have more.

use super::conditions::{group_at, group_count};
use super::draw::{Draw, Table};
use crate::program::{Code, Concept};

/// One issue.
#[derive(Debug)]
struct Issue {
    code: &'static str,
    name: &'static str,
    /// How often it comes up among families at large, against the other issues; 0 for a heading.
    weight: f64,
    /// Child's ages at which it comes up, in years.
    ages: (f64, f64),
}

const fn heading(code: &'static str, name: &'static str) -> Issue {
    Issue { code, name, weight: 0.0, ages: (0.0, 120.0) }
}

const fn issue(code: &'static str, name: &'static str, weight: f64, from: f64, to: f64) -> Issue {
    Issue { code, name, weight, ages: (from, to) }
}

const ALWAYS: f64 = 120.0;

/// A heading stands before the issues below it, whose codes start with its own and a full stop.
const ISSUES: [Issue; 72] = [
    heading("SLEEP", "Sleep"),
    issue("SLEEP.SETTLING", "Falling asleep", 3.0, 0.0, 14.0),
    issue("SLEEP.NIGHT_WAKING", "Waking at night", 3.0, 0.0, 12.0),
    heading("FEEDING", "Eating and feeding"),
    issue("FEEDING.NARROW_DIET", "Eats very few foods", 2.5, 1.0, 14.0),
    issue("FEEDING.SWALLOWING", "Trouble with swallowing", 0.5, 0.0, ALWAYS),
    issue("FEEDING.WEIGHT", "Gaining weight", 0.8, 0.0, 6.0),
    heading("BEHAVIOUR", "Behaviour"),
    issue("BEHAVIOUR.AGGRESSION", "Hitting, biting and other aggression", 1.5, 2.0, ALWAYS),
    issue("BEHAVIOUR.SELF_INJURY", "Hurting oneself", 0.5, 2.0, ALWAYS),
    issue("BEHAVIOUR.ELOPEMENT", "Running off and wandering", 0.6, 2.0, 16.0),
    issue("BEHAVIOUR.MELTDOWNS", "Meltdowns", 3.0, 1.5, 17.0),
    issue("BEHAVIOUR.RESTLESSNESS", "Restless and impulsive", 1.5, 3.0, 17.0),
    heading("EMOTIONS", "The child's feelings"),
    issue("EMOTIONS.ANXIETY", "Anxiety and worry", 2.0, 4.0, ALWAYS),
    issue("EMOTIONS.LOW_MOOD", "Low mood", 1.0, 8.0, ALWAYS),
    issue("EMOTIONS.SELF_ESTEEM", "Self-esteem", 1.2, 6.0, ALWAYS),
    issue("EMOTIONS.FRIENDSHIPS", "Making and keeping friends", 2.0, 4.0, ALWAYS),
    heading("COMMUNICATION", "Communication"),
    issue("COMMUNICATION.NONSPEAKING", "Does not speak", 0.4, 2.0, ALWAYS),
    issue("COMMUNICATION.LATE_SPEECH", "Late or unclear speech", 1.2, 1.5, 9.0),
    issue("COMMUNICATION.DEVICE", "Speaking through a device or pictures", 0.4, 2.5, ALWAYS),
    issue("COMMUNICATION.SIGN_LANGUAGE", "Sign language", 0.1, 0.5, ALWAYS),
    issue("COMMUNICATION.FLUENCY", "Stuttering in daily life", 0.1, 3.0, ALWAYS),
    heading("DAILY_LIFE", "Daily life"),
    issue("DAILY_LIFE.TOILETING", "Toilet training and continence", 2.0, 2.5, 16.0),
    issue("DAILY_LIFE.SENSORY", "Noise, light, touch and other senses", 1.5, 1.0, ALWAYS),
    issue("DAILY_LIFE.SELF_CARE", "Dressing, washing and teeth", 1.0, 3.0, ALWAYS),
    issue("DAILY_LIFE.OUTINGS", "Outings and travel", 1.0, 0.0, ALWAYS),
    heading("SCHOOL", "School and early learning"),
    issue("SCHOOL.EARLY_INTERVENTION", "Early intervention services", 4.0, 0.0, 3.0),
    issue("SCHOOL.IEP", "Individualized education program or 504 plan", 5.0, 3.0, 21.0),
    issue("SCHOOL.INCLUSION", "Inclusion in a regular classroom", 1.5, 3.0, 18.0),
    issue("SCHOOL.LEARNING", "Reading, writing and homework", 1.5, 5.0, 18.0),
    issue("SCHOOL.BULLYING", "Bullying", 1.2, 6.0, 18.0),
    issue("SCHOOL.REFUSAL", "Refusing to go to school", 0.8, 5.0, 18.0),
    heading("TRANSITION", "Growing up"),
    issue("TRANSITION.WORK_AND_COLLEGE", "Work, training and college", 2.5, 14.0, ALWAYS),
    issue("TRANSITION.GUARDIANSHIP", "Guardianship and its alternatives", 1.5, 16.0, ALWAYS),
    issue("TRANSITION.LIVING", "Living on one's own or with support", 1.5, 16.0, ALWAYS),
    issue("TRANSITION.ADULT_CARE", "From paediatric to adult care", 1.5, 15.0, ALWAYS),
    heading("MEDICAL", "Medical care"),
    issue("MEDICAL.TUBE_FEEDING", "Tube feeding", 0.15, 0.0, ALWAYS),
    issue("MEDICAL.SURGERY", "Surgery", 0.6, 0.0, ALWAYS),
    issue("MEDICAL.HOSPITAL_STAY", "Long or repeated hospital stays", 0.6, 0.0, ALWAYS),
    issue("MEDICAL.MEDICATION", "Choosing and taking medication", 2.0, 0.0, ALWAYS),
    issue("MEDICAL.SIDE_EFFECTS", "Side effects of treatment", 0.6, 0.0, ALWAYS),
    issue("MEDICAL.SEIZURES", "Living with seizures", 0.1, 0.0, ALWAYS),
    issue("MEDICAL.PAIN", "Pain", 0.4, 0.0, ALWAYS),
    issue("MEDICAL.HOME_NURSING", "Nursing at home", 0.2, 0.0, ALWAYS),
    issue("MEDICAL.DIET", "A strict diet or counting carbohydrates", 0.2, 0.0, ALWAYS),
    heading("EQUIPMENT", "Equipment"),
    issue("EQUIPMENT.WHEELCHAIR", "Wheelchair and getting about", 0.1, 1.5, ALWAYS),
    issue("EQUIPMENT.ORTHOTICS", "Braces and orthotics", 0.1, 1.0, 18.0),
    issue("EQUIPMENT.HEARING", "Hearing aids and cochlear implants", 0.05, 0.0, ALWAYS),
    issue("EQUIPMENT.BREATHING", "Inhalers, oxygen and ventilators", 0.1, 0.0, ALWAYS),
    issue("EQUIPMENT.GLUCOSE", "Insulin pump and glucose monitor", 0.02, 1.0, ALWAYS),
    heading("BENEFITS", "Insurance and benefits"),
    issue("BENEFITS.MEDICAID_WAIVER", "Medicaid waiver", 2.0, 0.0, ALWAYS),
    issue("BENEFITS.SSI", "Supplemental Security Income", 1.2, 0.0, ALWAYS),
    issue("BENEFITS.DENIALS", "Denials and appeals", 1.2, 0.0, ALWAYS),
    issue("BENEFITS.RESPITE", "Respite care", 1.5, 0.0, ALWAYS),
    heading("CAREGIVER", "The caregiver's own life"),
    issue("CAREGIVER.NEW_DIAGNOSIS", "Coming to terms with a new diagnosis", 3.0, 0.0, ALWAYS),
    issue("CAREGIVER.BURNOUT", "Exhaustion", 3.0, 0.0, ALWAYS),
    issue("CAREGIVER.GRIEF", "Grief", 1.2, 0.0, ALWAYS),
    issue("CAREGIVER.ISOLATION", "Isolation", 2.5, 0.0, ALWAYS),
    issue("CAREGIVER.JOB", "Keeping a job", 1.5, 0.0, ALWAYS),
    heading("FAMILY", "The family"),
    issue("FAMILY.SIBLINGS", "Brothers and sisters", 2.5, 0.0, ALWAYS),
    issue("FAMILY.COUPLE", "Life as a couple", 1.5, 0.0, ALWAYS),
    issue("FAMILY.RELATIVES", "Grandparents and other relatives", 1.0, 0.0, ALWAYS),
];

/// What the families of a group of conditions bring up more often: the group, the issue, the weight on top.
const KNOWN_FOR: [(&str, &[(&str, f64)]); 28] = [
    (
        "adhd",
        &[
            ("BEHAVIOUR.RESTLESSNESS", 12.0),
            ("MEDICAL.MEDICATION", 10.0),
            ("SCHOOL.IEP", 8.0),
            ("SCHOOL.LEARNING", 7.0),
            ("EMOTIONS.FRIENDSHIPS", 5.0),
            ("SLEEP.SETTLING", 4.0),
        ],
    ),
    (
        "learning",
        &[
            ("SCHOOL.IEP", 16.0),
            ("SCHOOL.LEARNING", 18.0),
            ("EMOTIONS.SELF_ESTEEM", 7.0),
            ("SCHOOL.BULLYING", 4.0),
        ],
    ),
    (
        "delay",
        &[
            ("SCHOOL.EARLY_INTERVENTION", 16.0),
            ("COMMUNICATION.LATE_SPEECH", 12.0),
            ("CAREGIVER.NEW_DIAGNOSIS", 5.0),
        ],
    ),
    (
        "autism",
        &[
            ("BEHAVIOUR.MELTDOWNS", 12.0),
            ("DAILY_LIFE.SENSORY", 10.0),
            ("COMMUNICATION.NONSPEAKING", 9.0),
            ("SLEEP.NIGHT_WAKING", 7.0),
            ("FEEDING.NARROW_DIET", 7.0),
            ("BEHAVIOUR.ELOPEMENT", 6.0),
            ("SCHOOL.IEP", 8.0),
            ("BEHAVIOUR.AGGRESSION", 5.0),
            ("COMMUNICATION.DEVICE", 4.0),
            ("DAILY_LIFE.TOILETING", 4.0),
        ],
    ),
    (
        "stuttering",
        &[("COMMUNICATION.FLUENCY", 30.0), ("SCHOOL.BULLYING", 8.0), ("EMOTIONS.SELF_ESTEEM", 8.0)],
    ),
    (
        "intellectual",
        &[
            ("SCHOOL.INCLUSION", 9.0),
            ("SCHOOL.IEP", 9.0),
            ("DAILY_LIFE.SELF_CARE", 7.0),
            ("TRANSITION.GUARDIANSHIP", 8.0),
            ("TRANSITION.LIVING", 8.0),
            ("BENEFITS.MEDICAID_WAIVER", 6.0),
            ("BENEFITS.SSI", 4.0),
        ],
    ),
    (
        "epilepsy",
        &[
            ("MEDICAL.SEIZURES", 28.0),
            ("MEDICAL.MEDICATION", 10.0),
            ("MEDICAL.SIDE_EFFECTS", 7.0),
            ("MEDICAL.HOSPITAL_STAY", 5.0),
            ("MEDICAL.DIET", 3.0),
        ],
    ),
    (
        "hearing",
        &[
            ("EQUIPMENT.HEARING", 28.0),
            ("COMMUNICATION.SIGN_LANGUAGE", 14.0),
            ("SCHOOL.EARLY_INTERVENTION", 6.0),
            ("SCHOOL.INCLUSION", 5.0),
        ],
    ),
    (
        "cerebral palsy",
        &[
            ("EQUIPMENT.WHEELCHAIR", 14.0),
            ("EQUIPMENT.ORTHOTICS", 12.0),
            ("MEDICAL.SURGERY", 8.0),
            ("MEDICAL.PAIN", 5.0),
            ("FEEDING.SWALLOWING", 5.0),
            ("MEDICAL.TUBE_FEEDING", 4.0),
            ("BENEFITS.MEDICAID_WAIVER", 5.0),
        ],
    ),
    (
        "vision",
        &[
            ("SCHOOL.INCLUSION", 10.0),
            ("DAILY_LIFE.OUTINGS", 10.0),
            ("SCHOOL.IEP", 8.0),
            ("DAILY_LIFE.SELF_CARE", 6.0),
        ],
    ),
    (
        "asthma",
        &[
            ("EQUIPMENT.BREATHING", 22.0),
            ("MEDICAL.MEDICATION", 12.0),
            ("MEDICAL.HOSPITAL_STAY", 6.0),
            ("SLEEP.NIGHT_WAKING", 4.0),
        ],
    ),
    (
        "down",
        &[
            ("CAREGIVER.NEW_DIAGNOSIS", 12.0),
            ("SCHOOL.EARLY_INTERVENTION", 8.0),
            ("MEDICAL.SURGERY", 6.0),
            ("SCHOOL.INCLUSION", 7.0),
            ("COMMUNICATION.LATE_SPEECH", 5.0),
            ("TRANSITION.LIVING", 6.0),
        ],
    ),
    (
        "heart",
        &[
            ("MEDICAL.SURGERY", 26.0),
            ("MEDICAL.HOSPITAL_STAY", 18.0),
            ("FEEDING.WEIGHT", 7.0),
            ("MEDICAL.TUBE_FEEDING", 5.0),
            ("CAREGIVER.NEW_DIAGNOSIS", 6.0),
            ("TRANSITION.ADULT_CARE", 5.0),
        ],
    ),
    (
        "cancer",
        &[
            ("MEDICAL.HOSPITAL_STAY", 18.0),
            ("MEDICAL.SIDE_EFFECTS", 18.0),
            ("CAREGIVER.NEW_DIAGNOSIS", 9.0),
            ("FAMILY.SIBLINGS", 7.0),
            ("CAREGIVER.JOB", 6.0),
            ("CAREGIVER.GRIEF", 5.0),
        ],
    ),
    (
        "diabetes",
        &[
            ("EQUIPMENT.GLUCOSE", 24.0),
            ("MEDICAL.DIET", 14.0),
            ("SLEEP.NIGHT_WAKING", 7.0),
            ("CAREGIVER.NEW_DIAGNOSIS", 6.0),
        ],
    ),
    (
        "premature",
        &[
            ("MEDICAL.HOSPITAL_STAY", 18.0),
            ("FEEDING.WEIGHT", 12.0),
            ("SCHOOL.EARLY_INTERVENTION", 12.0),
            ("MEDICAL.TUBE_FEEDING", 6.0),
            ("EQUIPMENT.BREATHING", 6.0),
        ],
    ),
    (
        "genetic",
        &[
            ("COMMUNICATION.NONSPEAKING", 8.0),
            ("CAREGIVER.ISOLATION", 8.0),
            ("CAREGIVER.NEW_DIAGNOSIS", 7.0),
            ("SLEEP.NIGHT_WAKING", 6.0),
            ("BENEFITS.MEDICAID_WAIVER", 6.0),
            ("MEDICAL.SEIZURES", 4.0),
        ],
    ),
    (
        "spina bifida",
        &[
            ("EQUIPMENT.WHEELCHAIR", 14.0),
            ("DAILY_LIFE.TOILETING", 12.0),
            ("MEDICAL.SURGERY", 12.0),
            ("EQUIPMENT.ORTHOTICS", 9.0),
        ],
    ),
    (
        "cystic fibrosis",
        &[
            ("EQUIPMENT.BREATHING", 16.0),
            ("FEEDING.WEIGHT", 9.0),
            ("MEDICAL.HOSPITAL_STAY", 9.0),
            ("MEDICAL.MEDICATION", 8.0),
            ("BENEFITS.DENIALS", 5.0),
        ],
    ),
    (
        "sickle cell",
        &[
            ("MEDICAL.PAIN", 26.0),
            ("MEDICAL.HOSPITAL_STAY", 16.0),
            ("SCHOOL.IEP", 5.0),
            ("CAREGIVER.JOB", 5.0),
        ],
    ),
    ("cleft", &[("MEDICAL.SURGERY", 22.0), ("FEEDING.SWALLOWING", 14.0), ("COMMUNICATION.LATE_SPEECH", 9.0)]),
    (
        "muscle",
        &[
            ("EQUIPMENT.WHEELCHAIR", 18.0),
            ("CAREGIVER.GRIEF", 9.0),
            ("EQUIPMENT.BREATHING", 7.0),
            ("BENEFITS.DENIALS", 6.0),
            ("MEDICAL.HOME_NURSING", 5.0),
        ],
    ),
    (
        "hydrocephalus",
        &[("MEDICAL.SURGERY", 20.0), ("MEDICAL.HOSPITAL_STAY", 8.0), ("SCHOOL.EARLY_INTERVENTION", 8.0)],
    ),
    ("arthritis", &[("MEDICAL.PAIN", 24.0), ("MEDICAL.MEDICATION", 10.0), ("MEDICAL.SIDE_EFFECTS", 7.0)]),
    (
        "bowel",
        &[
            ("MEDICAL.DIET", 14.0),
            ("MEDICAL.PAIN", 10.0),
            ("MEDICAL.MEDICATION", 9.0),
            ("MEDICAL.HOSPITAL_STAY", 6.0),
        ],
    ),
    (
        "mental health",
        &[
            ("EMOTIONS.ANXIETY", 22.0),
            ("EMOTIONS.LOW_MOOD", 14.0),
            ("SCHOOL.REFUSAL", 10.0),
            ("BEHAVIOUR.SELF_INJURY", 6.0),
            ("MEDICAL.MEDICATION", 6.0),
        ],
    ),
    ("tics", &[("SCHOOL.BULLYING", 12.0), ("EMOTIONS.SELF_ESTEEM", 9.0), ("MEDICAL.MEDICATION", 9.0)]),
    (
        "metabolic and blood",
        &[("MEDICAL.DIET", 14.0), ("MEDICAL.MEDICATION", 9.0), ("MEDICAL.HOSPITAL_STAY", 8.0)],
    ),
];

/// Issues that some supporters do not take: heavy ones, and ones that ask for a professional.
const LEFT_OUT_BY_SOME: [&str; 6] = [
    "BEHAVIOUR.AGGRESSION",
    "BEHAVIOUR.SELF_INJURY",
    "CAREGIVER.GRIEF",
    "FAMILY.COUPLE",
    "TRANSITION",
    "BENEFITS",
];

/// The issues, ready to be drawn from: one table for each group of conditions.
#[derive(Debug)]
pub(super) struct Issues(Vec<Table>);

impl Issues {
    pub(super) fn new() -> Self {
        let table = |position: usize| {
            let name = group_at(position).name;
            let more = KNOWN_FOR.iter().find(|(group, _)| *group == name).map_or(&[][..], |(_, more)| more);
            let on_top = |code: &str| more.iter().find(|(known, _)| *known == code).map_or(0.0, |(_, w)| *w);
            Table::new(ISSUES.iter().map(|issue| issue.weight + on_top(issue.code)))
        };
        Self((0..group_count()).map(table).collect())
    }

    /// Up to `count` issues of a family whose child has a condition of that group and has been through the ages given.
    /// One in ten is named by its heading alone.
    pub(super) fn of(&self, group: usize, count: usize, ages: (f64, f64), draw: &mut Draw) -> Vec<Code> {
        let mut chosen: Vec<&'static str> = Vec::with_capacity(count);
        let mut tries = 0;
        while chosen.len() < count && tries < 12 * count {
            tries += 1;
            let issue = &ISSUES[self.0[group].draw(draw)];
            let named = match issue.code.split_once('.') {
                Some((heading, _)) if draw.chance(0.1) => heading,
                _ => issue.code,
            };
            let in_time = issue.ages.0 <= ages.1 && ages.0 <= issue.ages.1;
            let again = chosen.iter().any(|code| is_under(code, named) || is_under(named, code));
            if in_time && !again {
                chosen.push(named);
            }
        }
        chosen.into_iter().map(Code::from).collect()
    }

    /// An issue that a supporter does not take, unless it is one of their own.
    pub(super) fn left_out(own: &[Code], draw: &mut Draw) -> Option<Code> {
        let left_out = draw.pick(&LEFT_OUT_BY_SOME);
        let theirs =
            own.iter().any(|code| is_under(code.as_str(), left_out) || is_under(left_out, code.as_str()));
        (!theirs).then(|| left_out.into())
    }
}

/// Whether an issue is that one or lies below it.
fn is_under(code: &str, heading: &str) -> bool {
    code.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The taxonomy of issues.
pub(super) fn taxonomy() -> Vec<Concept> {
    let concept = |issue: &Issue| Concept {
        code: issue.code.into(),
        parents: issue.code.split_once('.').map(|(heading, _)| heading.into()).into_iter().collect(),
        name: issue.name.to_owned(),
    };
    ISSUES.iter().map(concept).collect()
}

#[cfg(test)]
mod tests {
    use super::super::draw::Stream;
    use super::*;
    use crate::program::Taxonomy;

    #[test]
    fn the_taxonomy_is_sound_and_every_group_knows_its_issues() {
        let (taxonomy, faults) = Taxonomy::new(taxonomy());
        assert!(faults.is_empty(), "{faults:?}");
        for position in 0..group_count() {
            let name = group_at(position).name;
            assert!(KNOWN_FOR.iter().any(|(group, _)| *group == name), "{name}");
        }
        for (group, issues) in KNOWN_FOR {
            assert!((0..group_count()).any(|position| group_at(position).name == group), "{group}");
            for (code, _) in issues {
                assert!(taxonomy.concept(&(*code).into()).is_some(), "{code}");
            }
        }
        assert!(LEFT_OUT_BY_SOME.iter().all(|code| taxonomy.concept(&(*code).into()).is_some()));
    }

    #[test]
    fn issues_go_with_the_condition_and_the_age() {
        let issues = Issues::new();
        let mut draw = Draw::new(1, Stream::Past, 0);
        let hearing = (0..group_count()).find(|&position| group_at(position).name == "hearing").unwrap();
        let mut aids = 0;
        for _ in 0..1000 {
            let of_infant = issues.of(hearing, 3, (0.5, 0.5), &mut draw);
            assert!(of_infant.iter().all(|code| !code.as_str().starts_with("TRANSITION")), "{of_infant:?}");
            aids += u32::from(of_infant.contains(&"EQUIPMENT.HEARING".into()));
        }
        assert!(aids > 500, "{aids}");
    }
}
