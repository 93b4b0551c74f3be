"""A few articles, in both languages."""

from datetime import timedelta

from django.utils import timezone
from wagtail.models import Locale

from portal.pages.models import ArticlePage, HomePage, NewsPage

# Days ago, slug, then title, summary and text in Chinese and in English.
Text = tuple[str, str, str]
ARTICLES: list[tuple[int, str, Text, Text]] = [
    (
        20,
        "eighth-call",
        (
            "第八届职工摄影与微视频作品展开始征集",
            "主题“向新而行 · 看见变化的现场”，单幅照片、组照与微视频三个单元同时开放。",
            "<p>本届作品展面向全国各地方协会及会员企业征集作品。每个单位在每个单元的投稿数量有上限，"
            "请先在单位内部遴选，再上传原始文件。</p><p>照片请上传相机或手机的原图，不要加水印、边框；"
            "微视频不超过三分钟。上传后系统会自动检查文件并生成预览，若文件不合要求，页面会说明原因。</p>",
        ),
        (
            "The eighth exhibition calls for entries",
            "“Towards the new: where change can be seen”: three sections are open.",
            "<p>Local associations and their companies are invited to enter single photos, photo "
            "series and micro-videos. Each organisation has a limit in each section.</p><p>Please "
            "upload the camera's own files, without watermark or border; micro-videos run three "
            "minutes at most. Files are checked on arrival, and the page says what is wrong with "
            "one that can't be used.</p>",
        ),
    ),
    (
        6,
        "vote-open",
        (
            "公众投票开启，每天可投十票",
            "打开展厅，选出你心中的好作品；同一件作品每天可投一票。",
            "<p>公众投票已经开启。每位观众每天最多投十票，同一件作品每天限投一票。"
            "投票期间不公布票数，结果在公示后与评委评审结果一并发布。</p>",
        ),
        (
            "The public vote is open",
            "Ten votes a day, one a work: choose yours in the gallery.",
            "<p>Every visitor has ten votes a day, one for each work. Totals are not shown while "
            "the vote is open; they are published together with the jury's results.</p>",
        ),
    ),
    (
        255,
        "seventh-results",
        (
            "第七届作品展获奖名单公布",
            "专家推荐、人气与入围三类作品名单现已发布，感谢所有参赛单位与作者。",
            "<p>经地方协会初评、专家与行业评委评审、公众投票与公示，第七届职工摄影与微视频作品展"
            "获奖名单正式公布。全部获奖作品可在“获奖名单”页面观看。</p>",
        ),
        (
            "Awards of the seventh exhibition",
            "Expert-recommended, popular and shortlisted works are published.",
            "<p>After screening by the local associations, the panels' scores, the public vote and "
            "the notice period, the awards are final. All awarded works can be seen on the results "
            "page.</p>",
        ),
    ),
]


def publish_news(home: HomePage) -> None:
    """Publish the articles below the news page of `home`, and in English below its translation."""
    first = NewsPage.objects.child_of(home).get()
    english = Locale.objects.get(language_code="en")
    for days_ago, slug, text, text_en in ARTICLES:
        title, summary, body = text
        article = ArticlePage(
            title=title,
            slug=slug,
            published_on=timezone.localdate() - timedelta(days=days_ago),
            summary=summary,
            body=body,
            locale=first.locale,
        )
        first.add_child(instance=article)
        article.save_revision().publish()
        translation = article.copy_for_translation(english)
        translation.title, translation.summary, translation.body = text_en
        translation.slug = slug
        translation.save_revision().publish()
