//! Searches venues by place: the place text stored with each venue, and the condition for the location in a search.
//!
//! A venue's place is `=name|=name|…|` followed by its words between spaces. Short names match only as a whole: "LA" finds Los Angeles and
//! Louisiana, not La Scala. Other text also matches word by word,
//! or any part in scripts without spaces.

use super::fold;
use super::tokens::has_unspaced;
use crate::sql::Filter;

/// The most parts between commas that are used.
const MAX_PARTS: usize = 5;

/// Other names of cities.
const CITIES: &[(&str, &[&str])] = &[
    ("new york", &["nyc", "new york city", "ny"]),
    ("new york city", &["nyc", "new york", "ny"]),
    ("brooklyn", &["nyc", "new york city"]),
    ("manhattan", &["nyc", "new york city"]),
    ("queens", &["nyc", "new york city"]),
    ("bronx", &["nyc", "new york city"]),
    ("los angeles", &["la"]),
    ("san francisco", &["sf", "san fran", "frisco"]),
    ("washington", &["dc", "washington dc"]),
    ("washington dc", &["dc", "washington"]),
    ("las vegas", &["vegas", "lv"]),
    ("philadelphia", &["philly"]),
    ("new orleans", &["nola"]),
    ("salt lake city", &["slc"]),
    ("oklahoma city", &["okc"]),
    ("kansas city", &["kc"]),
    ("st louis", &["stl", "saint louis"]),
    ("saint louis", &["stl", "st louis"]),
    ("atlanta", &["atl"]),
    ("london", &["ldn"]),
    ("mexico city", &["cdmx", "ciudad de mexico"]),
    ("ciudad de mexico", &["cdmx", "mexico city"]),
    ("rio de janeiro", &["rio"]),
    ("hong kong", &["hk"]),
    ("kuala lumpur", &["kl"]),
    ("munich", &["munchen"]),
    ("munchen", &["munich"]),
    ("cologne", &["koln"]),
    ("koln", &["cologne"]),
    ("vienna", &["wien"]),
    ("wien", &["vienna"]),
];

/// Countries: names, then codes. A code that is also a state's code (`ca`, `de`) does not find the country; a venue may still use it for
/// its country.
const COUNTRIES: &[(&[&str], &[&str])] = &[
    (&["united states", "united states of america", "america"], &["us", "usa"]),
    (&["united kingdom", "great britain", "britain"], &["uk", "gb", "gbr"]),
    (&["canada"], &["ca", "can"]),
    (&["united arab emirates"], &["ae", "uae"]),
    (&["germany", "deutschland"], &["de", "deu"]),
    (&["france"], &["fr", "fra"]),
    (&["spain", "espana"], &["es", "esp"]),
    (&["italy", "italia"], &["it", "ita"]),
    (&["netherlands", "holland"], &["nl", "nld"]),
    (&["belgium"], &["be", "bel"]),
    (&["ireland"], &["ie", "irl"]),
    (&["switzerland", "schweiz", "suisse"], &["ch", "che"]),
    (&["austria", "osterreich"], &["at", "aut"]),
    (&["portugal"], &["pt", "prt"]),
    (&["sweden"], &["se", "swe"]),
    (&["norway"], &["no", "nor"]),
    (&["denmark"], &["dk", "dnk"]),
    (&["finland"], &["fi", "fin"]),
    (&["poland", "polska"], &["pl", "pol"]),
    (&["mexico"], &["mx", "mex"]),
    (&["brazil", "brasil"], &["br", "bra"]),
    (&["argentina"], &["ar", "arg"]),
    (&["japan"], &["jp", "jpn"]),
    (&["south korea", "korea"], &["kr", "kor"]),
    (&["china"], &["cn", "chn"]),
    (&["india"], &["in", "ind"]),
    (&["australia"], &["au", "aus"]),
    (&["new zealand"], &["nz", "nzl"]),
    (&["south africa"], &["za", "zaf"]),
    (&["singapore"], &["sg", "sgp"]),
];

/// States of the United States and provinces of Canada: code and name.
const STATES: &[(&str, &str)] = &[
    ("al", "alabama"),
    ("ak", "alaska"),
    ("az", "arizona"),
    ("ar", "arkansas"),
    ("ca", "california"),
    ("co", "colorado"),
    ("ct", "connecticut"),
    ("de", "delaware"),
    ("dc", "district of columbia"),
    ("fl", "florida"),
    ("ga", "georgia"),
    ("hi", "hawaii"),
    ("id", "idaho"),
    ("il", "illinois"),
    ("in", "indiana"),
    ("ia", "iowa"),
    ("ks", "kansas"),
    ("ky", "kentucky"),
    ("la", "louisiana"),
    ("me", "maine"),
    ("md", "maryland"),
    ("ma", "massachusetts"),
    ("mi", "michigan"),
    ("mn", "minnesota"),
    ("ms", "mississippi"),
    ("mo", "missouri"),
    ("mt", "montana"),
    ("ne", "nebraska"),
    ("nv", "nevada"),
    ("nh", "new hampshire"),
    ("nj", "new jersey"),
    ("nm", "new mexico"),
    ("ny", "new york"),
    ("nc", "north carolina"),
    ("nd", "north dakota"),
    ("oh", "ohio"),
    ("ok", "oklahoma"),
    ("or", "oregon"),
    ("pa", "pennsylvania"),
    ("ri", "rhode island"),
    ("sc", "south carolina"),
    ("sd", "south dakota"),
    ("tn", "tennessee"),
    ("tx", "texas"),
    ("ut", "utah"),
    ("vt", "vermont"),
    ("va", "virginia"),
    ("wa", "washington"),
    ("wv", "west virginia"),
    ("wi", "wisconsin"),
    ("wy", "wyoming"),
    ("ab", "alberta"),
    ("bc", "british columbia"),
    ("mb", "manitoba"),
    ("nb", "new brunswick"),
    ("ns", "nova scotia"),
    ("on", "ontario"),
    ("qc", "quebec"),
    ("sk", "saskatchewan"),
];

/// The parts of a venue that a searched location is compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The venue's name.
    pub(crate) name: &'a str,
    pub(crate) city: &'a str,
    /// As a code or a name; may be empty.
    pub(crate) state: &'a str,
    /// As a code or a name.
    pub(crate) country: &'a str,
}

/// The text of the column `venues.place`.
pub(crate) fn column(venue: &Place<'_>) -> String {
    let names: String = names(venue).iter().map(|name| format!("={name}|")).collect();
    format!("{names} {} ", words(venue).join(" "))
}

/// The words of every name of a venue's place.
pub(crate) fn words(venue: &Place<'_>) -> Vec<String> {
    names(venue).iter().flat_map(|name| name.split(' ')).map(str::to_owned).collect()
}

/// Restricts events to those whose venue matches each part of `location`.
pub(crate) fn restrict(filter: &mut Filter, location: &str) {
    let parts: Vec<_> = location.split(',').take(MAX_PARTS).map(fold::query_words).collect();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let fits = fits(filter, part);
        filter.and(format!("e.venue_id IN (SELECT id FROM venues WHERE {fits})"));
    }
    let says_nothing = parts.iter().all(Vec::is_empty) && !location.trim().is_empty();
    if says_nothing {
        filter.and("1 = 0");
    }
}

fn fits(filter: &mut Filter, part: &[String]) -> String {
    let name = part.join(" ");
    let whole = filter.bind(format!("%={name}|%"));
    if is_short_name(&name) {
        return format!("place LIKE {whole}");
    }
    let has_word = |word: &String| {
        let like = if has_unspaced(word) { format!("%{word}%") } else { format!("% {word} %") };
        format!("place LIKE {}", filter.bind(like))
    };
    let words: Vec<_> = part.iter().map(has_word).collect();
    format!("(place LIKE {whole} OR ({}))", words.join(" AND "))
}

fn is_short_name(name: &str) -> bool {
    let short = name.len() <= 4;
    let of_city = CITIES.iter().any(|(_, others)| others.contains(&name));
    let of_country = COUNTRIES.iter().any(|(_, codes)| codes.contains(&name));
    let of_state = STATES.iter().any(|(code, _)| *code == name);
    short && (of_city || of_country || of_state)
}

/// Every name of venue, city, state and country, folded.
fn names(venue: &Place<'_>) -> Vec<String> {
    let [name, city, state, country] = [venue.name, venue.city, venue.state, venue.country].map(fold::key);
    let mut names = vec![name];
    names.extend(CITIES.iter().filter(|(known, _)| *known == city).flat_map(|(_, others)| owned(others)));
    let group =
        COUNTRIES.iter().find(|(known, codes)| known.contains(&&*country) || codes.contains(&&*country));
    let in_north_america =
        group.is_none_or(|(known, _)| matches!(known.first(), Some(&("united states" | "canada"))));
    if in_north_america {
        let same = |(code, known): &&(&str, &str)| state == *code || state == *known;
        names.extend(STATES.iter().filter(same).flat_map(|(code, known)| [*code, *known]).map(str::to_owned));
    }
    if let Some((known, codes)) = group {
        let unambiguous = codes.iter().filter(|code| !STATES.iter().any(|(state, _)| state == *code));
        names.extend(owned(known).chain(unambiguous.map(|code| (*code).to_owned())));
    }
    names.extend([city, state, country]);
    names.sort();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

fn owned<'n>(names: &'n [&str]) -> impl Iterator<Item = String> + use<'n> {
    names.iter().map(|name| (*name).to_owned())
}
