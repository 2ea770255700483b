//! The usual currency of a country, which the form of a new event proposes.

use crate::timezones::country_code;
use fairseat_domain::money::Currency;

/// Currencies with the codes of the countries that use them.
#[rustfmt::skip]
const USED_IN: &[(&str, &str)] = &[
    ("EUR", "AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT"),
    ("USD", "AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI"),
    ("GBP", "GB GG IM JE"),
    ("CHF", "CH LI"),
    ("DKK", "DK FO GL"),
    ("NOK", "NO SJ"),
    ("AUD", "AU KI NF NR TV"),
    ("NZD", "CK NU NZ PN TK"),
    ("XAF", "CF CG CM GA GQ TD"),
    ("XOF", "BF BJ CI GW ML NE SN TG"),
    ("XPF", "NC PF WF"),
    ("AED", "AE"), ("ALL", "AL"), ("AMD", "AM"), ("ARS", "AR"), ("AZN", "AZ"), ("BAM", "BA"), ("BDT", "BD"), ("BHD", "BH"), ("BOB", "BO"),
    ("BRL", "BR"), ("CAD", "CA"), ("CLP", "CL"), ("CNY", "CN"), ("COP", "CO"), ("CRC", "CR"), ("CZK", "CZ"), ("DOP", "DO"), ("DZD", "DZ"),
    ("EGP", "EG"), ("ETB", "ET"), ("GEL", "GE"), ("GHS", "GH"), ("GTQ", "GT"), ("HKD", "HK"), ("HNL", "HN"), ("HUF", "HU"), ("IDR", "ID"),
    ("ILS", "IL PS"), ("INR", "IN BT"), ("ISK", "IS"), ("JMD", "JM"), ("JOD", "JO"), ("JPY", "JP"), ("KES", "KE"), ("KRW", "KR"), ("KWD", "KW"),
    ("KZT", "KZ"), ("LBP", "LB"), ("LKR", "LK"), ("MAD", "MA EH"), ("MDL", "MD"), ("MKD", "MK"), ("MOP", "MO"), ("MUR", "MU"), ("MXN", "MX"),
    ("MYR", "MY"), ("NAD", "NA"), ("NGN", "NG"), ("NPR", "NP"), ("OMR", "OM"), ("PAB", "PA"), ("PEN", "PE"), ("PHP", "PH"), ("PKR", "PK"),
    ("PLN", "PL"), ("PYG", "PY"), ("QAR", "QA"), ("RON", "RO"), ("RSD", "RS"), ("RUB", "RU"), ("RWF", "RW"), ("SAR", "SA"), ("SEK", "SE"),
    ("SGD", "SG"), ("THB", "TH"), ("TND", "TN"), ("TRY", "TR"), ("TTD", "TT"), ("TWD", "TW"), ("TZS", "TZ"), ("UAH", "UA"), ("UGX", "UG"),
    ("UYU", "UY"), ("UZS", "UZ"), ("VND", "VN"), ("ZAR", "ZA LS"), ("ZMW", "ZM"),
];

/// The usual currency of a country, by its code or its name in many languages; `None` if the country or its currency is not known.
#[must_use]
pub fn of_country(country: &str) -> Option<Currency> {
    let code = country_code(country)?;
    let used = USED_IN.iter().find(|(_, countries)| countries.split(' ').any(|used| used == code));
    used.and_then(|(currency, _)| Currency::from_code(currency)).filter(|currency| currency.is_in_use())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_currencies() {
        for (country, currency) in [
            ("USA", Some("USD")),
            ("the United Kingdom", Some("GBP")),
            ("Deutschland", Some("EUR")),
            ("CH", Some("CHF")),
            ("日本", Some("JPY")),
            ("Atlantis", None),
        ] {
            assert_eq!(of_country(country).as_ref().map(Currency::code), currency, "{country}");
        }
    }

    #[test]
    fn every_currency_of_the_table_is_in_use_and_every_country_is_there_once() {
        let mut countries: Vec<&str> = Vec::new();
        for (currency, used_in) in USED_IN {
            assert!(Currency::from_code(currency).is_some_and(|known| known.is_in_use()), "{currency}");
            countries.extend(used_in.split(' '));
        }
        let all = countries.len();
        countries.sort_unstable();
        countries.dedup();
        assert_eq!(countries.len(), all);
    }
}
