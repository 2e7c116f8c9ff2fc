-- Text as it is searched: without case, accents and the other marks of letters, in whichever Unicode form it is kept.
-- "lodz" finds "Łódź". What is plain ASCII, most of it, costs nothing but its small letters.
CREATE OR REPLACE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
    WHEN octet_length(given) = char_length(given) THEN lower(given)
    ELSE translate(
        replace(replace(replace(replace(
            lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g')),
            'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'ŁłØøĐđðĦħıŦŧŊŋ', 'llooddd' || 'hhi' || 'ttnn')
END
$$;

-- Text as it is sorted: as it is searched, and each number in it with 20 digits, so that 999 comes before 1030.
-- Kept in generated columns: an answer that changes leaves what is stored as it was, so this text stays as it is. The schema
-- is named because a restored dump computes them with an empty search path.
-- In plpgsql and number by number, because it is computed for each row that is written: 3 µs, where two regular
-- expressions in SQL, which is planned anew for each row, took 150.
CREATE OR REPLACE FUNCTION sort_text(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    rest text := lower(given);
    sorted text := '';
    digits text;
BEGIN
    IF octet_length(given) <> char_length(given) THEN
        rest := public.search_text(given);
    END IF;
    LOOP
        digits := substring(rest FROM '[0-9]+');
        EXIT WHEN digits IS NULL;
        sorted := sorted || split_part(rest, digits, 1);
        rest := substr(rest, strpos(rest, digits) + length(digits));
        digits := ltrim(digits, '0');
        sorted := sorted || repeat('0', 20 - length(digits)) || digits;
    END LOOP;
    RETURN sorted || rest;
END $$;
