package io.nexusd.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShareTest {
    @Test
    void shouldTravelAsAFilterOfItsOwn() {
        Share share = new Share("workers", "jobs/+/x/#");
        assertThat(share.interest()).isEqualTo("$share/workers/jobs/+/x/#");
        assertThat(Share.of(share.interest())).contains(share);
        assertThat(Share.isShare("jobs/#")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/", "$share/g", "$share/g/", "$share//a", "$share/g/a//b", "$share/g+/a", "a"})
    void shouldNotTakeWhatNamesNone(String interest) {
        assertThat(Share.of(interest)).isEmpty();
    }

    @Test
    void shouldSayWhatIsWrongWithAGroup() {
        assertThat(Share.problemWithGroup("ok-1")).isEmpty();
        assertThat(Share.problemWithGroup("x".repeat(129)).orElseThrow()).contains("129", "128");
        assertThat(Share.problemWithGroup("a/b").orElseThrow()).contains("'/'");
    }

    @ParameterizedTest
    @CsvSource({
        "a/b,a/b,true",
        "a/+,a/b,true",
        "a/+,a,false",
        "a/#,a,true",
        "a/#,a/b/c,true",
        "#,a,true",
        "+,a/b,false",
        "a/+/c,a/b/c,true",
        "a/+/c,a/b/d,false",
        "#,$x,false",
        "+/a,$x/a,false",
        "$x/#,$x/a,true",
        "a/b,a,false"
    })
    void shouldMatchFiltersAsTheTrieDoes(String filter, String topic, boolean matches) {
        assertThat(Topic.matches(filter, topic)).isEqualTo(matches);
    }
}
